import { defineComponent } from '../define';
import { prometheusOperatorCrds } from '../observability/prometheus-operator-crds';
import { vault } from './vault';

const namespace = 'external-secrets';
const kinds = [
  'clusterexternalsecrets.external-secrets.io',
  'clusterpushsecrets.external-secrets.io',
  'clustersecretstores.external-secrets.io',
  'externalsecrets.external-secrets.io',
  'pushsecrets.external-secrets.io',
  'secretstores.external-secrets.io',
];

export const externalSecrets = defineComponent({
  id: 'external-secrets',
  summary: 'Copies secrets of Vault into the cluster and keeps them there while Vault is away',
  roles: ['hub', 'agent'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  chart: { repository: 'https://charts.external-secrets.io', name: 'external-secrets', version: '2.9.0' },
  requires: ['cni'],
  after: [prometheusOperatorCrds],
  reaches: [vault],
  traffic: { fromApiServer: [10250] },
  crds: kinds,
  requests: {
    hub: { cpuMillicores: 30, memoryMiB: 160 },
    agent: { cpuMillicores: 30, memoryMiB: 160 },
    standalone: { cpuMillicores: 30, memoryMiB: 160 },
  },
  values: ({ has }) => ({ serviceMonitor: { enabled: has(prometheusOperatorCrds) } }),
  // Its webhook is asked about every store and secret.
  ready: [
    { kind: 'rollout', namespace, resource: 'deployment/external-secrets' },
    { kind: 'rollout', namespace, resource: 'deployment/external-secrets-webhook' },
    { kind: 'rollout', namespace, resource: 'deployment/external-secrets-cert-controller' },
  ],
  checks: [
    {
      description: 'its webhook answers',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/external-secrets-webhook', '--timeout=5s'],
      hint: 'kubectl -n external-secrets logs deployment/external-secrets-cert-controller',
    },
  ],
});
