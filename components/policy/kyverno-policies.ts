import { type ComponentContext, defineComponent, type Manifest } from '../define';
import { kyverno } from './kyverno';

/** Those that the platform makes carry the first label: policies are for what people bring. */
const workloads = {
  matchExpressions: [
    { key: 'flotilla.dev/platform', operator: 'DoesNotExist' },
    { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'kube-public', 'kube-node-lease'] },
  ],
};

export const kyvernoPolicies = defineComponent({
  id: 'kyverno-policies',
  summary:
    'What a workload must keep: limits, images of known registries, no privileges, not root; one without a name among its labels is reported',
  roles: ['agent'],
  // Contract C4.
  never: ['hub'],
  namespace: { name: 'kyverno', podSecurity: 'restricted' },
  insteadOf: { what: 'ClusterPolicy objects', because: 'Kyverno takes that kind away in 1.20; these are its successor, ValidatingPolicy' },
  requires: [kyverno],
  timeoutSeconds: 120,
  resources: (context) => [requireLimits, knownRegistries(context), noPrivileges, notRoot, requireLabels],
  checks: [
    {
      description: 'all five policies are ready',
      command: [
        'kubectl',
        'wait',
        'validatingpolicies.policies.kyverno.io',
        '--all',
        '--for=jsonpath={.status.conditionStatus.ready}=true',
        '--timeout=5s',
      ],
      hint: 'kubectl describe validatingpolicies.policies.kyverno.io; what they found in what runs already: kubectl get policyreports -A',
    },
  ],
});

/** Init containers too: they run with the same rights. */
const containers = 'object.spec.containers + object.spec.?initContainers.orValue([])';

interface Validation {
  readonly message: string;
  readonly expression: string;
}

interface PolicyOptions {
  /** @default Deny */
  readonly action?: 'Deny' | 'Audit';
  /** True: the policy matches pods only, not the Deployments and other controllers that create them. @default false */
  readonly podsOnly?: boolean;
}

function policy(
  name: string,
  title: string,
  validations: readonly Validation[],
  { action = 'Deny', podsOnly = false }: PolicyOptions = {},
): Manifest {
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'ValidatingPolicy',
    metadata: { name, annotations: { 'policies.kyverno.io/title': title } },
    spec: {
      validationActions: [action],
      failurePolicy: 'Fail',
      ...(podsOnly ? { autogen: { podControllers: { controllers: [] } } } : {}),
      // What runs already is reported, not stopped.
      evaluation: { admission: { enabled: true }, background: { enabled: true } },
      matchConstraints: {
        namespaceSelector: workloads,
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
      },
      variables: [{ name: 'containers', expression: containers }],
      validations,
    },
  };
}

/** A LimitRange sets the limits of pods and not those of their controllers, so a Deployment without limits must be admitted. */
const requireLimits = policy(
  'require-resource-limits',
  'Every container has limits',
  [
    {
      message: 'every container needs limits for CPU and memory',
      expression: "variables.containers.all(c, ['cpu', 'memory'].all(kind, kind in c.?resources.?limits.orValue({})))",
    },
  ],
  { podsOnly: true },
);

/** Of the seeds: a registry of their own, Google's and Docker's official images. */
function knownRegistries({ domain }: ComponentContext): Manifest {
  const known = [`harbor.${domain}/`, 'gcr.io/', 'docker.io/library/'];
  return policy('restrict-image-registries', 'Images of known registries', [
    {
      message: `images may come from ${known.join(', ')} only; name the registry, also where Docker would guess it`,
      expression: `variables.containers.all(c, [${known.map((prefix) => `'${prefix}'`).join(', ')}].exists(prefix, c.image.startsWith(prefix)))`,
    },
  ]);
}

const noPrivileges = policy('disallow-privileged', 'No privileged containers', [
  {
    message: 'privileged containers are not allowed',
    expression: 'variables.containers.all(c, !c.?securityContext.?privileged.orValue(false))',
  },
  {
    message: 'the namespaces of the host are not shared',
    expression: '!(object.spec.?hostNetwork.orValue(false) || object.spec.?hostPID.orValue(false) || object.spec.?hostIPC.orValue(false))',
  },
]);

const notRoot = policy('disallow-root-user', 'Not as root', [
  {
    message: 'set runAsNonRoot: true for the pod or for every container',
    expression:
      'variables.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(object.spec.?securityContext.?runAsNonRoot.orValue(false)))',
  },
  {
    message: 'user 0 is root',
    expression:
      'object.spec.?securityContext.?runAsUser.orValue(1) != 0 && variables.containers.all(c, c.?securityContext.?runAsUser.orValue(1) != 0)',
  },
]);

/** Reported, not refused: dashboards and policies tell workloads apart by it, but nothing breaks without. */
const requireLabels = policy(
  'require-labels',
  'Every workload says its name',
  [
    {
      message: 'label the pod with app.kubernetes.io/name, or app',
      expression: "['app.kubernetes.io/name', 'app'].exists(key, key in object.metadata.?labels.orValue({}))",
    },
  ],
  { action: 'Audit' },
);
