import { defineComponent } from '../define';
import { gateway } from '../network/gateway';
import { vaultIssuer } from './vault-issuer';

const namespace = 'gateway-system';

export const gatewayCertificate = defineComponent({
  id: 'gateway-certificate',
  summary: "The gateway's certificate for every name of its cluster, issued by Vault and renewed halfway",
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  insteadOf: {
    what: 'the wildcard certificate in istio-system (seed 003, 11.4)',
    because: 'the rule of 7.4 is right: a gateway reads the certificate from its own namespace',
  },
  requires: [gateway, vaultIssuer],
  resources: ({ cluster, domain }) => {
    const zone = `${cluster.name}.${domain}`;
    return [
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { name: 'wildcard', namespace },
        spec: {
          secretName: 'wildcard-tls',
          issuerRef: { name: 'vault-issuer', kind: 'ClusterIssuer', group: 'cert-manager.io' },
          commonName: `*.${zone}`,
          dnsNames: [`*.${zone}`, zone],
          duration: '720h',
          renewBefore: '360h',
          privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        },
      },
    ];
  },
  checks: [
    {
      description: 'the certificate is issued',
      command: ['kubectl', '-n', namespace, 'wait', 'certificate/wildcard', '--for=condition=Ready', '--timeout=5s'],
      hint: `kubectl -n ${namespace} describe certificaterequest; a sealed Vault issues nothing`,
    },
  ],
});
