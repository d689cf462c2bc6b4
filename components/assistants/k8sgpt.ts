import { defineComponent } from '../define';
import { externalSecrets } from '../pki/external-secrets';

const namespace = 'k8sgpt';

export const k8sgpt = defineComponent({
  id: 'k8sgpt',
  summary: 'The operator that looks for what is wrong in a cluster and has it explained; what it looks at is k8sgpt-analyzer',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'baseline' },
  chart: { repository: 'https://charts.k8sgpt.ai', name: 'k8sgpt-operator', version: '0.2.27' },
  requires: ['cni'],
  after: [externalSecrets],
  // The models that explain are on the internet.
  traffic: { toAnywhere: [443] },
  crds: ['k8sgpts.core.k8sgpt.ai', 'mutations.core.k8sgpt.ai', 'results.core.k8sgpt.ai'],
  requests: { hub: { cpuMillicores: 15, memoryMiB: 96 } },
  ready: [
    { kind: 'rollout', namespace, resource: 'deployment/k8sgpt-controller-manager' },
    { kind: 'condition', resource: 'crd/k8sgpts.core.k8sgpt.ai', condition: 'Established' },
  ],
  checks: [
    {
      description: 'the operator runs',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/k8sgpt-controller-manager', '--timeout=5s'],
      hint: 'kubectl -n k8sgpt logs deployment/k8sgpt-controller-manager',
    },
  ],
});
