import type { ComponentContext, Manifest } from '../define';
import { defineComponent } from '../define';
import { certManager } from './cert-manager';
import { pkiBootstrap, pkiPhases } from './pki-bootstrap';
import { vault } from './vault';

const namespace = 'cert-manager';
const name = pkiPhases.successor;

export const vaultIssuer = defineComponent({
  id: 'vault-issuer',
  summary: 'Phase 2 of the PKI: Vault issues certificates, also those of phase 1 anew, and the issuer of phase 1 is deleted',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  provides: ['issuer'],
  requires: [vault, certManager],
  after: [pkiBootstrap],
  resources: (context) => [account, tokenRole, tokenBinding, issuer(context)],
  steps: [{ id: 'phase-2', script: 'host/pki-phase-2.sh', input: pkiPhases }],
  ready: [{ kind: 'condition', resource: `clusterissuer/${name}`, condition: 'Ready' }],
  checks: [
    {
      description: 'Vault issues certificates',
      command: ['kubectl', 'wait', `clusterissuer/${name}`, '--for=condition=Ready', '--timeout=5s'],
      hint: `kubectl describe clusterissuer ${name}; a sealed Vault issues nothing: npx flotilla up opens it`,
    },
    {
      description: 'the issuer of phase 1 is deleted',
      // An API server that does not answer is no proof that the issuer is gone.
      command: [
        'sh',
        '-c',
        `found="$(kubectl get clusterissuer ${pkiPhases.issuer} --ignore-not-found --output=name)" && test -z "$found"`,
      ],
      hint: 'run npx flotilla up: its step phase-2 of vault-issuer deletes the issuer, or reports what still uses it',
    },
    {
      description: 'no certificate requests the issuer of phase 1',
      command: [
        'sh',
        '-c',
        `names="$(kubectl get certificates --all-namespaces --output=jsonpath='{.items[*].spec.issuerRef.name}')" && case " $names " in *" ${pkiPhases.issuer} "*) exit 1 ;; esac`,
      ],
      hint: `kubectl get certificates --all-namespaces --output=wide; give those the issuer ${name}`,
    },
  ],
});

const account: Manifest = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };

// cert-manager asks for tokens of that account alone, and Vault believes only those.
const tokenRole: Manifest = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name, namespace },
  rules: [{ apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [name], verbs: ['create'] }],
};

const tokenBinding: Manifest = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name, namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
  subjects: [{ kind: 'ServiceAccount', name: 'cert-manager', namespace }],
};

function issuer({ cluster }: ComponentContext): Manifest {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name },
    spec: {
      vault: {
        server: 'http://vault-fleet.vault.svc:8200',
        path: 'pki_int/sign/k8s-certs',
        auth: { kubernetes: { role: 'cert-manager', mountPath: `/v1/auth/kubernetes-${cluster.name}`, serviceAccountRef: { name } } },
      },
    },
  };
}
