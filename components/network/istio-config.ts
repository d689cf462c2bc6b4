import type { Manifest } from '../define';
import { defineComponent } from '../define';
import { otelCollector } from '../observability/otel-collector';
import { prometheusOperatorCrds } from '../observability/prometheus-operator-crds';
import { istiod } from './istiod';

const namespace = 'istio-system';

export const istioConfig = defineComponent({
  id: 'istio-config',
  summary:
    'Settings of the whole mesh: mutual TLS everywhere, metrics of every request, traces of one request in ten (of every request in a standalone cluster)',
  roles: [],
  namespace: { name: namespace, podSecurity: 'privileged' },
  requires: [istiod],
  after: [prometheusOperatorCrds],
  timeoutSeconds: 60,
  resources: ({ has, cluster }) => [
    strict,
    ...(has(otelCollector) ? [traces(sampledPercent[cluster.role])] : []),
    ...(has(prometheusOperatorCrds) ? [sidecars, controlPlane] : []),
  ],
  checks: [
    {
      description: 'plain connections are refused in the whole mesh',
      command: [
        'kubectl',
        '-n',
        namespace,
        'wait',
        'peerauthentication/default',
        '--for=jsonpath={.spec.mtls.mode}=STRICT',
        '--timeout=5s',
      ],
      hint: 'it is part of the release: helm -n istio-system get manifest istio-config',
    },
  ],
});

const strict: Manifest = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'default', namespace },
  spec: { mtls: { mode: 'STRICT' } },
};

/** Istio's profile demo traces every request, which is what a person who learns expects; between clusters of a fleet it would be too much for one Tempo. */
const sampledPercent = { standalone: 100, hub: 10, agent: 10 };

const traces = (randomSamplingPercentage: number): Manifest => ({
  apiVersion: 'telemetry.istio.io/v1',
  kind: 'Telemetry',
  metadata: { name: 'traces', namespace },
  spec: { tracing: [{ providers: [{ name: 'otel' }], randomSamplingPercentage }] },
});

const monitoring = 'monitoring.coreos.com/v1';

/** Sidecars and gateways of all namespaces: Kiali draws its picture from what they count. Of Envoy's own numbers, which are thousands, none. */
const sidecars: Manifest = {
  apiVersion: monitoring,
  kind: 'PodMonitor',
  metadata: { name: 'istio-proxies', namespace },
  spec: {
    namespaceSelector: { any: true },
    selector: {},
    podMetricsEndpoints: [
      {
        port: 'http-envoy-prom',
        path: '/stats/prometheus',
        metricRelabelings: [{ sourceLabels: ['__name__'], regex: 'istio_.*', action: 'keep' }],
      },
    ],
  },
};

const controlPlane: Manifest = {
  apiVersion: monitoring,
  kind: 'ServiceMonitor',
  metadata: { name: 'istiod', namespace },
  spec: { selector: { matchLabels: { app: 'istiod' } }, endpoints: [{ port: 'http-monitoring' }] },
};
