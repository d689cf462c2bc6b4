import { defineComponent } from '../define';
import { prometheusOperatorCrds } from '../observability/prometheus-operator-crds';
import { metricsServer } from './metrics-server';

const namespace = 'keda';
const requests = { cpuMillicores: 40, memoryMiB: 176 };

export const keda = defineComponent({
  id: 'keda',
  summary: 'Scales workloads by events such as queues and schedules, down to zero; an agent has no Prometheus that answers queries',
  roles: ['agent'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  chart: { repository: 'https://kedacore.github.io/charts', name: 'keda', version: '2.20.2' },
  requires: [metricsServer],
  after: [prometheusOperatorCrds],
  // What it scales by may be anywhere.
  traffic: { fromApiServer: [6443, 9443], toAnywhere: 'all' },
  crds: [
    'cloudeventsources.eventing.keda.sh',
    'clustercloudeventsources.eventing.keda.sh',
    'clustertriggerauthentications.keda.sh',
    'scaledjobs.keda.sh',
    'scaledobjects.keda.sh',
    'triggerauthentications.keda.sh',
  ],
  requests: { hub: requests, agent: requests, standalone: requests },
  values: ({ has }) => {
    const monitored = { enabled: true, serviceMonitor: { enabled: has(prometheusOperatorCrds) } };
    return { prometheus: { operator: monitored, metricServer: monitored } };
  },
  ready: [{ kind: 'condition', resource: 'crd/scaledobjects.keda.sh', condition: 'Established' }],
  checks: [
    {
      description: 'autoscalers can ask for external metrics',
      command: ['kubectl', 'wait', 'apiservice/v1beta1.external.metrics.k8s.io', '--for=condition=Available', '--timeout=5s'],
      hint: 'kubectl -n keda logs deployment/keda-operator-metrics-apiserver; there can be only one such service per cluster',
    },
  ],
});
