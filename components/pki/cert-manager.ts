import type { Manifest } from '../define';
import { defineComponent } from '../define';
import { seaweedfs } from '../storage/seaweedfs';

export const certManager = defineComponent({
  id: 'cert-manager',
  summary: 'Certificates as objects, renewed in time; in a cluster without an issuer such as Vault, self-signed',
  roles: ['hub'],
  namespace: { name: 'cert-manager', podSecurity: 'restricted' },
  chart: { repository: 'https://charts.jetstack.io', name: 'cert-manager', version: 'v1.21.1' },
  requires: ['cni'],
  // The seed's edge: nothing of it needs the object store.
  after: [seaweedfs],
  traffic: { fromApiServer: [10250] },
  crds: [
    'certificaterequests.cert-manager.io',
    'certificates.cert-manager.io',
    'challenges.acme.cert-manager.io',
    'clusterissuers.cert-manager.io',
    'issuers.cert-manager.io',
    'orders.acme.cert-manager.io',
  ],
  requests: {
    hub: { cpuMillicores: 30, memoryMiB: 128 },
    standalone: { cpuMillicores: 30, memoryMiB: 128 },
  },
  // Where another issuer exists, phase 1 is temporary: pki-bootstrap creates this issuer, and phase 2 deletes it.
  resources: ({ has }) => (has('issuer') ? [] : [bootstrapIssuer]),
  // Its webhook is asked about every certificate.
  ready: [
    { kind: 'rollout', namespace: 'cert-manager', resource: 'deployment/cert-manager' },
    { kind: 'rollout', namespace: 'cert-manager', resource: 'deployment/cert-manager-webhook' },
    { kind: 'rollout', namespace: 'cert-manager', resource: 'deployment/cert-manager-cainjector' },
  ],
  checks: [
    {
      description: 'its webhook answers',
      command: ['kubectl', '-n', 'cert-manager', 'rollout', 'status', 'deployment/cert-manager-webhook', '--timeout=5s'],
      hint: 'kubectl -n cert-manager logs deployment/cert-manager-webhook',
    },
  ],
});

const bootstrapIssuer: Manifest = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'ClusterIssuer',
  metadata: { name: 'selfsigned-bootstrap' },
  spec: { selfSigned: {} },
};
