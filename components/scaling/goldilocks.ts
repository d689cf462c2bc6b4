import { defineComponent } from '../define';
import { vpa } from './vpa';

const namespace = 'goldilocks';
const requests = { cpuMillicores: 20, memoryMiB: 96 };

export const goldilocks = defineComponent({
  id: 'goldilocks',
  summary: 'Shows, for every workload, what it asks for and what it should ask for',
  roles: ['hub', 'agent'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  chart: { repository: 'https://charts.fairwinds.com/stable', name: 'goldilocks', version: '11.0.0' },
  requires: [vpa],
  requests: { hub: requests, agent: requests, standalone: requests },
  checks: [
    {
      description: 'recommendations are shown',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/goldilocks-dashboard', '--timeout=5s'],
      hint: 'kubectl -n goldilocks port-forward service/goldilocks-dashboard 8080:80; logs: kubectl -n goldilocks logs deployment/goldilocks-controller',
    },
  ],
});
