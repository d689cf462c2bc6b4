import { defineComponent, type Manifest } from '../define';
import { gateway } from '../network/gateway';
import { certManager } from './cert-manager';

const guard = 'bootstrap-issuer-is-temporary';

/** The issuers of the two phases. */
export const pkiPhases = { issuer: 'selfsigned-bootstrap', successor: 'vault-issuer' } as const;

export const pkiBootstrap = defineComponent({
  id: 'pki-bootstrap',
  summary:
    'Phase 1 of the PKI: a self-signed issuer gives the gateway its first certificate, until Vault can sign; phase 2 deletes the issuer',
  roles: ['hub'],
  namespace: { name: 'cert-manager', podSecurity: 'restricted' },
  requires: [certManager],
  after: [gateway],
  timeoutSeconds: 60,
  resources: ({ has }) => (has('issuer') ? [policy, binding] : []),
  steps: [
    {
      id: 'phase-1',
      script: 'host/pki-phase-1.sh',
      input: {
        ...pkiPhases,
        namespace: 'gateway-system',
        certificate: 'wildcard-bootstrap',
        secretName: 'wildcard-tls',
        dnsNames: ['*.{cluster}.{domain}', '{cluster}.{domain}'],
      },
      onlyWith: 'issuer',
    },
  ],
  checks: [
    {
      description: 'no other certificate may be requested from the issuer of phase 1',
      command: ['kubectl', 'get', `validatingadmissionpolicybinding/${guard}`],
      hint: 'it is part of the release: helm -n cert-manager get manifest pki-bootstrap',
    },
  ],
});

// A certificate of that issuer could not be renewed in phase 2, so nothing but the script of phase 1 gets one.
const policy: Manifest = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: guard },
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        { apiGroups: ['cert-manager.io'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['certificates'] },
      ],
    },
    validations: [
      {
        expression: `object.spec.issuerRef.name != '${pkiPhases.issuer}' || (has(object.metadata.labels) && 'flotilla.dev/pki-phase' in object.metadata.labels)`,
        message: `issuer ${pkiPhases.issuer} exists only until Vault can sign: use ${pkiPhases.successor}`,
      },
    ],
  },
};

const binding: Manifest = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: guard },
  spec: { policyName: guard, validationActions: ['Deny'] },
};
