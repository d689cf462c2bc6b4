import { type ComponentContext, defineComponent, type Manifest } from '../define';
import { externalSecretsStore } from '../pki/external-secrets-store';
import { k8sgpt } from './k8sgpt';

const namespace = 'k8sgpt';
const keys = 'k8sgpt-api-keys';

export const k8sgptAnalyzer = defineComponent({
  id: 'k8sgpt-analyzer',
  summary: 'What k8sgpt looks at on the hub, every six hours; explained by Gemini once its key is in Vault',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'baseline' },
  insteadOf: {
    what: 'a cron job around the k8sgpt program',
    because: 'the operator keeps the results as objects (kubectl -n k8sgpt get results) and needs no kubeconfig on a host',
  },
  requires: [k8sgpt],
  after: [externalSecretsStore],
  requests: { hub: { cpuMillicores: 10, memoryMiB: 64 } },
  resources: (context) => [analyzer(context), ...(context.has(externalSecretsStore) ? [apiKeys(context)] : [])],
  checks: [
    {
      description: 'the hub is analyzed',
      command: ['kubectl', '-n', namespace, 'get', 'k8sgpts.core.k8sgpt.ai', 'hub'],
      hint: `without a key its pod waits: vault kv put kv/<cluster>/k8sgpt google-api-key=- (it reads the key), then kubectl -n ${namespace} get results`,
    },
  ],
});

/** Without a store for the key nothing leaves the cluster: findings without explanations. */
function analyzer({ has }: ComponentContext): Manifest {
  const gemini = { enabled: true, backend: 'google', model: 'gemini-2.5-flash', secret: { name: keys, key: 'google-api-key' } };
  return {
    apiVersion: 'core.k8sgpt.ai/v1alpha1',
    kind: 'K8sGPT',
    metadata: { name: 'hub', namespace },
    spec: {
      // Names are replaced before anything is sent.
      ai: { ...(has(externalSecretsStore) ? gemini : { enabled: false }), anonymized: true, language: 'english' },
      repository: 'ghcr.io/k8sgpt-ai/k8sgpt',
      version: 'v0.4.36',
      noCache: false,
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
      analysis: { interval: '6h' },
      filters: [
        'Pod',
        'Deployment',
        'ReplicaSet',
        'Service',
        'Ingress',
        'StatefulSet',
        'CronJob',
        'Node',
        'NetworkPolicy',
        'PersistentVolumeClaim',
      ],
    },
  };
}

// Below the cluster's own folder: its reader is let into no other.
const apiKeys = ({ cluster }: ComponentContext): Manifest => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: keys, namespace },
  spec: {
    refreshInterval: '1h',
    secretStoreRef: { name: 'vault', kind: 'ClusterSecretStore' },
    target: { name: keys, deletionPolicy: 'Retain' },
    data: [{ secretKey: 'google-api-key', remoteRef: { key: `${cluster.name}/k8sgpt`, property: 'google-api-key' } }],
  },
});
