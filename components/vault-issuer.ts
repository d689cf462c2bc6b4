import { certManager } from './cert-manager';
import type { ComponentContext, Manifest } from './define';
import { defineComponent } from './define';
import { vault } from './vault';

const namespace = 'cert-manager';
const name = 'vault-issuer';

export const vaultIssuer = defineComponent({
  id: 'vault-issuer',
  summary: 'Certificates are issued by Vault from here on: phase 2 of the PKI',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  provides: ['issuer'],
  requires: [vault, certManager],
  resources: (context) => [account, tokenRole, tokenBinding, issuer(context)],
  ready: [{ kind: 'condition', resource: `clusterissuer/${name}`, condition: 'Ready' }],
  checks: [
    {
      description: 'Vault issues certificates',
      command: ['kubectl', 'wait', `clusterissuer/${name}`, '--for=condition=Ready', '--timeout=5s'],
      hint: `kubectl describe clusterissuer ${name}; a sealed Vault issues nothing: flotilla up opens it`,
    },
    {
      description: 'the issuer of phase 1 is gone',
      command: ['sh', '-c', '! kubectl get clusterissuer selfsigned-bootstrap >/dev/null 2>&1'],
      hint: 'it is not ours then: kubectl delete clusterissuer selfsigned-bootstrap',
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
