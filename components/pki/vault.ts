import { defineComponent, type FleetSetting } from '../define';
import { gateway, routeTo } from '../network/gateway';
import { certManager } from './cert-manager';
import { pkiBootstrap } from './pki-bootstrap';

/** The PKI role by which cert-manager has certificates signed. */
const role = 'k8s-certs';

// A cluster reads its own folder and no other: an agent has no business with the hub's passwords.
const mayRead = { 'external-secrets-{cluster}': { 'kv/data/{cluster}/*': ['read'], 'kv/metadata/{cluster}/*': ['read', 'list'] } };
const maySign = { 'cert-manager': { [`pki_int/sign/${role}`]: ['create', 'update'] } };

/** Who may log in from a cluster, as what, `{cluster}` being its name. The audiences are those that cert-manager and External Secrets ask their tokens for. */
const readers = {
  name: 'external-secrets',
  serviceAccounts: ['external-secrets'],
  namespaces: ['external-secrets'],
  audience: 'vault',
  policies: ['external-secrets-{cluster}'],
  ttlSeconds: 600,
};
const signers = {
  name: 'cert-manager',
  serviceAccounts: ['vault-issuer'],
  namespaces: ['cert-manager'],
  audience: 'vault://vault-issuer',
  policies: ['cert-manager'],
  ttlSeconds: 60,
};

// Whoever keeps the keys is asked for the root token too.
const settings: readonly FleetSetting[] = ['unsealCommand'];

export const vault = defineComponent({
  id: 'vault',
  summary: "Secrets and the fleet's certificate authority; sealed after every start until it is opened",
  roles: ['hub'],
  namespace: { name: 'vault', podSecurity: 'baseline' },
  chart: { repository: 'https://helm.releases.hashicorp.com', name: 'vault', version: '0.34.1' },
  requires: [certManager, 'storage'],
  // Phase 1 of the PKI ends where Vault begins.
  after: [gateway, pkiBootstrap],
  serves: [{ name: 'vault-fleet', port: 8200, selector: { 'app.kubernetes.io/name': 'vault', component: 'server' } }],
  traffic: { fromAnywhere: [8200] },
  requests: { hub: { cpuMillicores: 50, memoryMiB: 256, storageGiB: 2 } },
  timeoutSeconds: 600,
  values: (context) => (context.has(gateway) ? { server: { httproute: { ...routeTo('vault', context), activeService: false } } } : {}),
  steps: [
    { id: 'init', script: 'host/vault-init.sh', settings },
    { id: 'unseal', script: 'host/vault-unseal.sh', settings, onBoot: true },
    {
      id: 'pki',
      script: 'host/vault-pki.sh',
      input: { name: 'Flotilla {domain}', role, allowedDomains: ['{domain}', 'svc.cluster.local'] },
      settings,
    },
    { id: 'policies', script: 'host/vault-policies.sh', input: { policies: { ...mayRead, ...maySign } }, settings },
    {
      id: 'push',
      script: 'host/vault-push.sh',
      // Keycloak's is copied from there; Grafana's lies there for people.
      input: { values: { '{cluster}': ['keycloak-admin', 'grafana-admin'] } },
      settings,
    },
    // Of the hub's own accounts; the other clusters are let in below, when there is an API to ask.
    {
      id: 'auth',
      script: 'host/vault-auth.sh',
      input: { client: '{cluster}', kubernetesHost: 'https://kubernetes.default.svc:443', roles: [readers, signers] },
      settings,
    },
  ],
  links: [
    { id: 'policies', script: 'host/vault-policies.sh', input: { policies: mayRead }, settings },
    { id: 'auth', script: 'host/vault-auth.sh', input: { kubernetesHost: '{api}', roles: [readers] }, settings },
  ],
  ready: [{ kind: 'rollout', namespace: 'vault', resource: 'statefulset/vault' }],
  checks: [
    {
      description: 'Vault is open',
      command: ['kubectl', '-n', 'vault', 'exec', 'vault-0', '-c', 'vault', '--', 'vault', 'status'],
      hint: 'it seals itself at every start of its pod: npx flotilla boot opens it, and so does npx flotilla up',
    },
  ],
});
