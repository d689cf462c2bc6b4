import { defineComponent, type Manifest } from '../define';
import { kyvernoPolicies } from './kyverno-policies';

const namespace = 'production';

/** The seed's, for each namespace that people work in: what a container gets that says nothing, and the most that it may ask for. */
export const workloadLimits = {
  default: { cpu: '500m', memory: '512Mi' },
  defaultRequest: { cpu: '100m', memory: '128Mi' },
  max: { cpu: '2', memory: '2Gi' },
} as const;

/** The most that all containers of such a namespace may ask for together. */
export const workloadQuota = {
  'requests.cpu': '4',
  'requests.memory': '8Gi',
  'limits.cpu': '8',
  'limits.memory': '16Gi',
  pods: '20',
} as const;

export const production = defineComponent({
  id: 'production',
  summary:
    'A namespace for workloads of your own: restricted, with limits and a quota, closed but for app=api-server on 8080 and for what collects metrics',
  roles: ['agent'],
  namespace: {
    name: namespace,
    podSecurity: 'restricted',
    // Not one of the platform's: policies of Kyverno hold here.
    labels: { 'flotilla.dev/workloads': 'true' },
    limits: workloadLimits,
    quota: workloadQuota,
  },
  after: [kyvernoPolicies],
  timeoutSeconds: 60,
  resources: () => [apiIngress, essentialEgress],
  checks: [
    {
      description: 'its limits and quota are there',
      command: ['kubectl', '-n', namespace, 'get', 'limitrange/flotilla', 'resourcequota/flotilla'],
      hint: 'kubectl -n production describe limitrange,resourcequota; npx flotilla up makes them again',
    },
  ],
});

/** What everybody may call. Without a sender, because a gateway of Cilium calls from an identity that no selector of Kubernetes knows. */
const apiIngress: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'allow-api-ingress', namespace },
  spec: {
    podSelector: { matchLabels: { app: 'api-server' } },
    policyTypes: ['Ingress'],
    ingress: [{ ports: [{ protocol: 'TCP', port: 8080 }] }],
  },
};

/** Metrics and, as OTLP, traces; DNS is among the openings of every namespace. */
const essentialEgress: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'allow-essential-egress', namespace },
  spec: {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        ports: [9090, 4317, 4318].map((port) => ({ protocol: 'TCP', port })),
      },
    ],
  },
};
