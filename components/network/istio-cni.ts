import { defineComponent } from '../define';
import { istioBase } from './istio-base';

export const istioCni = defineComponent({
  id: 'istio-cni',
  summary: 'Leads the traffic of pods through their sidecars, from the node, so that no pod needs the right to do it',
  roles: [],
  namespace: { name: 'istio-system', podSecurity: 'privileged' },
  insteadOf: {
    what: 'the init container of the profile demo',
    because: 'it wants NET_ADMIN in every pod, which the namespace of the applications does not allow',
  },
  chart: { repository: 'https://istio-release.storage.googleapis.com/charts', name: 'cni', version: '1.30.4' },
  requires: [istioBase, 'cni'],
  requests: {
    hub: { cpuMillicores: 0, memoryMiB: 0, perNode: { cpuMillicores: 10, memoryMiB: 48 } },
    agent: { cpuMillicores: 0, memoryMiB: 0, perNode: { cpuMillicores: 10, memoryMiB: 48 } },
    standalone: { cpuMillicores: 0, memoryMiB: 0, perNode: { cpuMillicores: 10, memoryMiB: 48 } },
  },
  ready: [{ kind: 'rollout', namespace: 'istio-system', resource: 'daemonset/istio-cni-node' }],
  checks: [
    {
      description: 'every node leads traffic through the sidecars',
      command: ['kubectl', '-n', 'istio-system', 'rollout', 'status', 'daemonset/istio-cni-node', '--timeout=5s'],
      hint: 'kubectl -n istio-system logs daemonset/istio-cni-node',
    },
  ],
});
