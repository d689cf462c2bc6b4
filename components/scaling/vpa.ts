import { defineComponent } from '../define';
import { metricsServer } from './metrics-server';

const namespace = 'vpa';
const requests = { cpuMillicores: 10, memoryMiB: 64 };

export const vpa = defineComponent({
  id: 'vpa',
  summary: 'Recommends what pods should ask for, from what they used; it changes no pod',
  roles: ['hub', 'agent'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  chart: { repository: 'https://charts.fairwinds.com/stable', name: 'vpa', version: '5.0.0' },
  requires: [metricsServer],
  crds: ['verticalpodautoscalers.autoscaling.k8s.io', 'verticalpodautoscalercheckpoints.autoscaling.k8s.io'],
  requests: { hub: requests, agent: requests, standalone: requests },
  ready: [{ kind: 'condition', resource: 'crd/verticalpodautoscalers.autoscaling.k8s.io', condition: 'Established' }],
  checks: [
    {
      description: 'the recommender runs',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/vpa-recommender', '--timeout=5s'],
      hint: 'kubectl -n vpa logs deployment/vpa-recommender; it needs the metrics API: kubectl top node',
    },
  ],
});
