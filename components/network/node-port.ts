import { defineComponent, type Manifest } from '../define';

const name = 'no-load-balancer';
const advice =
  'nothing here gives a LoadBalancer an address, so it would be waited for without end: take type NodePort, or a route of the gateway';

export const nodePort = defineComponent({
  id: 'node-port',
  summary: 'Services are reached on ports of the nodes; one that asks for an address of its own is refused with a word, not left pending',
  roles: ['hub', 'agent'],
  namespace: { name: 'kube-system' },
  insteadOf: {
    what: 'MetalLB (seed 003, 19.2)',
    because:
      'macOS passes no frame from an address that it did not lease, neither between Multipass machines nor through softnet: an address that a pod announces is never heard of',
  },
  provides: ['load-balancer'],
  requires: ['cni'],
  timeoutSeconds: 60,
  resources: () => [policy, binding],
  ready: [{ kind: 'nodes-ready' }],
  checks: [
    {
      description: 'a service of type LoadBalancer is refused',
      command: ['kubectl', 'get', `validatingadmissionpolicybinding/${name}`],
      hint: 'it is part of the release: helm -n kube-system get manifest node-port',
    },
  ],
});

const policy: Manifest = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['services'] }],
    },
    validations: [{ expression: "!has(object.spec.type) || object.spec.type != 'LoadBalancer'", message: advice }],
  },
};

const binding: Manifest = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName: name, validationActions: ['Deny'] },
};
