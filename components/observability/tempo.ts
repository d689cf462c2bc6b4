import { type ComponentContext, defineComponent } from '../define';
import { thanos } from './thanos';

const namespace = 'monitoring';
const requests = { cpuMillicores: 25, memoryMiB: 128, storageGiB: 5 };

export const tempo = defineComponent({
  id: 'tempo',
  summary: 'Traces of every cluster, kept for 2 days in the object store',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  insteadOf: {
    what: 'Jaeger (seed 002)',
    because:
      'one store of traces for every fleet, on the object store and asked by Grafana and Kiali; collectors still take what speaks OTLP, as Jaeger does now',
  },
  // 3.x has other keys all over; a plain image of it in this chart does not start.
  chart: { repository: 'oci://ghcr.io/grafana-community/helm-charts', name: 'tempo', version: '2.2.4' },
  requires: ['object-store', 'storage'],
  after: [thanos],
  serves: [{ name: 'tempo-fleet', port: 4317, selector: { 'app.kubernetes.io/name': 'tempo' } }],
  requests: { hub: requests, standalone: requests },
  secrets: [{ name: 'tempo-s3', keys: { S3_ACCESS_KEY: 'tempo', S3_SECRET_KEY: '{object-store-tempo-{cluster}-key}' } }],
  timeoutSeconds: 300,
  values: (context) => ({ tempo: { metricsGenerator: graphOf(context) } }),
  ready: [{ kind: 'rollout', namespace, resource: 'statefulset/tempo' }],
  checks: [
    {
      description: 'traces are taken',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'statefulset/tempo', '--timeout=5s'],
      hint: 'kubectl -n monitoring logs statefulset/tempo; a bucket that it cannot reach: kubectl -n object-store get pods',
    },
  ],
});

/** Who calls whom, and how fast: series that Tempo makes of traces, as a tenant of its own. */
function graphOf({ has }: ComponentContext) {
  if (!has(thanos)) return { enabled: false };
  const url = 'http://thanos-receive-fleet.monitoring.svc:10908/api/v1/receive';
  return { enabled: true, storage: { remote_write: [{ url, headers: { 'THANOS-TENANT': 'traces' } }] } };
}
