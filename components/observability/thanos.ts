import { defineComponent } from '../define';
import { prometheusOperatorCrds } from './prometheus-operator-crds';

const namespace = 'monitoring';

export const thanos = defineComponent({
  id: 'thanos',
  summary: 'Metrics of every cluster in one place: takes what they send (port 10908), a tenant each, and keeps it in the object store',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  chart: { repository: 'oci://ghcr.io/thanos-community/helm-charts', name: 'thanos', version: '0.38.0' },
  requires: [prometheusOperatorCrds, 'object-store', 'storage'],
  serves: [
    {
      name: 'thanos-receive-fleet',
      port: 10908,
      selector: { 'app.kubernetes.io/name': 'thanos', 'app.kubernetes.io/component': 'receive' },
    },
  ],
  requests: { hub: { cpuMillicores: 90, memoryMiB: 352, storageGiB: 12 } },
  secrets: [
    {
      name: 'thanos-objstore',
      keys: {
        'objstore.yml':
          'type: S3\nconfig: { bucket: thanos, endpoint: "s3-fleet.object-store.svc:8333", insecure: true, access_key: thanos, secret_key: "{object-store-thanos-{cluster}-key}" }\n',
      },
    },
  ],
  timeoutSeconds: 600,
  ready: [
    { kind: 'rollout', namespace, resource: 'statefulset/thanos-receive' },
    { kind: 'rollout', namespace, resource: 'deployment/thanos-query' },
  ],
  checks: [
    {
      description: 'what clusters send is taken',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'statefulset/thanos-receive', '--timeout=5s'],
      hint: 'kubectl -n monitoring logs statefulset/thanos-receive; a bucket that it cannot reach: kubectl -n object-store get pods',
    },
    {
      description: 'questions about all clusters are answered',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/thanos-query', '--timeout=5s'],
      hint: 'kubectl -n monitoring logs deployment/thanos-query',
    },
  ],
});
