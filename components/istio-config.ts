import type { Manifest } from './define';
import { defineComponent } from './define';
import { istiod } from './istiod';
import { otelCollector } from './otel-collector';
import { prometheusOperatorCrds } from './prometheus-operator-crds';

const namespace = 'istio-system';

export const istioConfig = defineComponent({
  id: 'istio-config',
  summary: 'What holds in the whole mesh: nothing is said in the clear, every request is counted, one in ten is traced',
  roles: [],
  namespace: { name: namespace, podSecurity: 'privileged' },
  requires: [istiod],
  after: [prometheusOperatorCrds],
  timeoutSeconds: 60,
  resources: ({ has }) => [
    strict,
    ...(has(otelCollector) ? [traces] : []),
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

const traces: Manifest = {
  apiVersion: 'telemetry.istio.io/v1',
  kind: 'Telemetry',
  metadata: { name: 'traces', namespace },
  spec: { tracing: [{ providers: [{ name: 'otel' }], randomSamplingPercentage: 10 }] },
};

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
