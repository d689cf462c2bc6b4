import { defineComponent } from '../define';

const namespace = 'monitoring';
const requests = { cpuMillicores: 50, memoryMiB: 192, storageGiB: 5 };

export const loki = defineComponent({
  id: 'loki',
  summary: 'Logs of every cluster, kept for 7 days in the object store',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  chart: { repository: 'oci://ghcr.io/grafana-community/helm-charts', name: 'loki', version: '18.11.0' },
  requires: ['object-store', 'storage'],
  serves: [
    {
      name: 'loki-fleet',
      port: 3100,
      selector: { 'app.kubernetes.io/name': 'loki', 'app.kubernetes.io/component': 'single-binary' },
    },
  ],
  requests: { hub: requests, standalone: requests },
  secrets: [{ name: 'loki-s3', keys: { S3_ACCESS_KEY: 'loki', S3_SECRET_KEY: '{object-store-loki-{cluster}-key}' } }],
  timeoutSeconds: 600,
  ready: [{ kind: 'rollout', namespace, resource: 'statefulset/loki' }],
  checks: [
    {
      description: 'logs are taken',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'statefulset/loki', '--timeout=5s'],
      hint: 'kubectl -n monitoring logs statefulset/loki; a bucket that it cannot reach: kubectl -n object-store get pods',
    },
  ],
});
