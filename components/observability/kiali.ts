import type { ComponentContext } from '../define';
import { defineComponent } from '../define';
import { istioConfig } from '../network/istio-config';
import { istiod } from '../network/istiod';
import { grafana } from './grafana';
import { kubePrometheusStack } from './kube-prometheus-stack';
import { tempo } from './tempo';

export const kiali = defineComponent({
  id: 'kiali',
  summary: 'The mesh as a graph on NodePort 30201: who calls whom, which version, how fast, how often in vain',
  roles: [],
  namespace: { name: 'istio-system', podSecurity: 'privileged' },
  chart: { repository: 'https://kiali.org/helm-charts', name: 'kiali-server', version: '2.29.0' },
  requires: [istiod, kubePrometheusStack],
  after: [istioConfig, tempo, grafana],
  traffic: { fromAnywhere: [20001] },
  requests: {
    hub: { cpuMillicores: 10, memoryMiB: 64 },
    agent: { cpuMillicores: 10, memoryMiB: 64 },
    standalone: { cpuMillicores: 10, memoryMiB: 64 },
  },
  values: (context) => ({ external_services: sourcesOf(context) }),
  ready: [{ kind: 'rollout', namespace: 'istio-system', resource: 'deployment/kiali' }],
  checks: [
    {
      description: 'Kiali runs',
      command: ['kubectl', '-n', 'istio-system', 'rollout', 'status', 'deployment/kiali', '--timeout=5s'],
      hint: 'kubectl -n istio-system logs deployment/kiali; its address: npx flotilla outputs',
    },
  ],
});

function sourcesOf({ has }: ComponentContext) {
  return {
    prometheus: { url: 'http://kube-prometheus-stack-prometheus.monitoring.svc:9090' },
    tracing: has(tempo)
      ? { enabled: true, provider: 'tempo', internal_url: 'http://tempo.monitoring.svc:3200', use_grpc: false }
      : { enabled: false },
    grafana: has(grafana) ? { enabled: true, internal_url: 'http://grafana.monitoring.svc' } : { enabled: false },
  };
}
