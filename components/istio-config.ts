import type { Manifest } from './define';
import { defineComponent } from './define';
import { istiod } from './istiod';
import { otelCollector } from './otel-collector';

const namespace = 'istio-system';

export const istioConfig = defineComponent({
  id: 'istio-config',
  summary: 'What holds in the whole mesh: nothing is said in the clear, and one request in ten is traced',
  roles: [],
  namespace: { name: namespace, podSecurity: 'privileged' },
  requires: [istiod],
  timeoutSeconds: 60,
  resources: ({ has }) => [strict, ...(has(otelCollector) ? [traces] : [])],
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
