import { defineComponent } from '../define';
import { otelCollector } from '../observability/otel-collector';
import { istioBase } from './istio-base';

export const istiod = defineComponent({
  id: 'istiod',
  summary: "Istio's control plane: certificates, routes and sidecars for the pods that take part",
  roles: [],
  namespace: { name: 'istio-system', podSecurity: 'privileged' },
  chart: { repository: 'https://istio-release.storage.googleapis.com/charts', name: 'istiod', version: '1.30.4' },
  requires: [istioBase, 'cni'],
  after: [otelCollector],
  traffic: { fromApiServer: [15017], fromAnywhere: [15012] },
  requests: {
    hub: { cpuMillicores: 50, memoryMiB: 256 },
    agent: { cpuMillicores: 50, memoryMiB: 256 },
    standalone: { cpuMillicores: 50, memoryMiB: 256 },
  },
  values: ({ has }) => (has(otelCollector) ? { meshConfig: tracing } : {}),
  ready: [{ kind: 'rollout', namespace: 'istio-system', resource: 'deployment/istiod' }],
  checks: [
    {
      description: 'the control plane of Istio runs',
      command: ['kubectl', '-n', 'istio-system', 'rollout', 'status', 'deployment/istiod', '--timeout=5s'],
      hint: 'kubectl -n istio-system logs deployment/istiod',
    },
  ],
});

/** Sidecars tell the collector what they saw; istio-config says of how many requests. */
const tracing = {
  enableTracing: true,
  extensionProviders: [{ name: 'otel', opentelemetry: { service: 'otel-collector.monitoring.svc.cluster.local', port: 4317 } }],
};
