import { defineComponent } from '../define';
import { externalSecrets } from './external-secrets';
import { vault } from './vault';

const namespace = 'external-secrets';

export const externalSecretsStore = defineComponent({
  id: 'external-secrets-store',
  summary: "The hub's Vault as the cluster's store of secrets, asked again every hour",
  roles: ['hub', 'agent'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  insteadOf: {
    what: 'a store and secrets of version v1beta1 (seed 003, 5.3)',
    because: 'that version is no longer served',
  },
  requires: [externalSecrets],
  reaches: [vault],
  // Nothing waits for its condition: on an agent that would be waiting for the hub.
  resources: ({ cluster }) => [
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ClusterSecretStore',
      metadata: { name: 'vault' },
      spec: {
        refreshInterval: 3600,
        provider: {
          vault: {
            server: 'http://vault-fleet.vault.svc:8200',
            path: 'kv',
            version: 'v2',
            auth: {
              kubernetes: {
                mountPath: `kubernetes-${cluster.name}`,
                role: 'external-secrets',
                serviceAccountRef: { name: 'external-secrets', namespace, audiences: ['vault'] },
              },
            },
          },
        },
      },
    },
  ],
  checks: [
    {
      description: 'the store answers',
      command: ['kubectl', 'wait', 'clustersecretstore/vault', '--for=condition=Ready', '--timeout=5s'],
      hint: 'kubectl describe clustersecretstore vault; what was copied before stays while the hub is away',
    },
  ],
});
