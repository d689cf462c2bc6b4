import { defineComponent, type Manifest } from '../define';
import { gateway, routeTo } from '../network/gateway';
import { externalSecrets } from './external-secrets';
import { externalSecretsStore } from './external-secrets-store';
import { vault } from './vault';

export const keycloak = defineComponent({
  id: 'keycloak',
  summary: 'Identities and single sign-on, with a database of its own',
  roles: ['hub'],
  namespace: { name: 'keycloak', podSecurity: 'baseline' },
  insteadOf: {
    what: "Bitnami's chart",
    because: 'its images left the public registry; this one runs the images of Keycloak and PostgreSQL themselves',
  },
  chart: { repository: 'oci://registry-1.docker.io/cloudpirates', name: 'keycloak', version: '0.21.31' },
  requires: [vault, externalSecrets, 'storage'],
  after: [externalSecretsStore, gateway],
  traffic: { fromAnywhere: [8080] },
  requests: { hub: { cpuMillicores: 120, memoryMiB: 896, storageGiB: 2 } },
  secrets: [
    { name: 'keycloak-admin', keys: { 'admin-password': '{keycloak-admin}' } },
    {
      name: 'keycloak-database',
      keys: { 'postgres-password': '{keycloak-database}', 'db-username': 'postgres', 'db-password': '{keycloak-database}' },
    },
  ],
  // The first start builds its caches and makes the schema.
  timeoutSeconds: 900,
  values: (context) => (context.has(gateway) ? { gatewayAPI: { httpRoute: routeTo('keycloak', context) } } : {}),
  resources: ({ cluster }) => [adminPassword(cluster.name)],
  ready: [{ kind: 'rollout', namespace: 'keycloak', resource: 'statefulset/keycloak' }],
  checks: [
    {
      description: 'Keycloak answers',
      command: ['kubectl', '-n', 'keycloak', 'rollout', 'status', 'statefulset/keycloak', '--timeout=5s'],
      hint: 'kubectl -n keycloak logs statefulset/keycloak; it waits for statefulset/keycloak-postgres',
    },
  ],
});

/** From Vault once it is there: who changes the password there has it here within the hour. What was copied stays when Vault goes. */
const adminPassword = (cluster: string): Manifest => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'keycloak-admin', namespace: 'keycloak' },
  spec: {
    refreshPolicy: 'Periodic',
    refreshInterval: '1h',
    secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
    target: { name: 'keycloak-admin', creationPolicy: 'Owner', deletionPolicy: 'Retain' },
    data: [{ secretKey: 'admin-password', remoteRef: { key: `${cluster}/keycloak-admin`, property: 'value' } }],
  },
});
