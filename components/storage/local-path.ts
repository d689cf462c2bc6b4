import { defineComponent } from '../define';

export const localPath = defineComponent({
  id: 'local-path',
  summary: 'Storage on the disk of the node, classes local-path (deleted with the claim) and local-path-retain (kept)',
  roles: ['hub', 'agent', 'standalone'],
  // The helper pods mount host paths.
  namespace: { name: 'local-path-storage', podSecurity: 'privileged' },
  // The registry's first version is 0.0.32: the workflow that pushes charts there is younger than the tags before it (__tests__/chart-lint/published.test.ts).
  chart: { repository: 'oci://ghcr.io/rancher/local-path-provisioner/charts', name: 'local-path-provisioner', version: '0.0.37' },
  provides: ['storage'],
  requires: ['cni'],
  requests: {
    hub: { cpuMillicores: 10, memoryMiB: 32 },
    agent: { cpuMillicores: 10, memoryMiB: 32 },
    standalone: { cpuMillicores: 10, memoryMiB: 32 },
  },
  ready: [{ kind: 'rollout', namespace: 'local-path-storage', resource: 'deployment/local-path-provisioner' }],
  checks: [
    {
      description: 'the provisioner runs',
      command: ['kubectl', '-n', 'local-path-storage', 'rollout', 'status', 'deployment/local-path-provisioner', '--timeout=5s'],
      hint: 'kubectl -n local-path-storage describe pod',
    },
    {
      description: 'both storage classes are there',
      command: ['kubectl', 'get', 'storageclass', 'local-path', 'local-path-retain'],
      hint: 'they are part of the release: helm -n local-path-storage get manifest local-path',
    },
  ],
});
