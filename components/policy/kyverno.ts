import { defineComponent } from '../define';
import { prometheusOperatorCrds } from '../observability/prometheus-operator-crds';

const namespace = 'kyverno';

export const kyverno = defineComponent({
  id: 'kyverno',
  summary: 'Refuses pods that break a policy, in the namespaces of workloads; the policies are kyverno-policies',
  roles: ['agent'],
  // Contract C4: the hub's platform needs rights that policies for workloads forbid.
  never: ['hub'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  // Helm stores a release in one Secret of at most 1 MiB. This release fills 91 % of it, mostly with CRDs: check its size before a newer version.
  chart: { repository: 'https://kyverno.github.io/kyverno', name: 'kyverno', version: '3.9.0' },
  requires: ['cni'],
  after: [prometheusOperatorCrds],
  traffic: { fromApiServer: [9443] },
  crds: [
    'cleanuppolicies.kyverno.io',
    'clustercleanuppolicies.kyverno.io',
    'clusterephemeralreports.reports.kyverno.io',
    'clusterpolicies.kyverno.io',
    'clusterpolicyreports.wgpolicyk8s.io',
    'ephemeralreports.reports.kyverno.io',
    'globalcontextentries.kyverno.io',
    'policies.kyverno.io',
    'policyexceptions.kyverno.io',
    'policyreports.wgpolicyk8s.io',
    'updaterequests.kyverno.io',
    'validatingpolicies.policies.kyverno.io',
  ],
  requests: { agent: { cpuMillicores: 40, memoryMiB: 224 }, standalone: { cpuMillicores: 40, memoryMiB: 224 } },
  timeoutSeconds: 600,
  values: ({ has }) => {
    const serviceMonitor = { enabled: has(prometheusOperatorCrds) };
    return {
      admissionController: { serviceMonitor },
      backgroundController: { serviceMonitor },
      reportsController: { serviceMonitor },
    };
  },
  ready: [
    { kind: 'rollout', namespace, resource: 'deployment/kyverno-admission-controller' },
    { kind: 'condition', resource: 'crd/validatingpolicies.policies.kyverno.io', condition: 'Established' },
  ],
  checks: [
    {
      description: 'policies are enforced',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/kyverno-admission-controller', '--timeout=5s'],
      hint: 'kubectl -n kyverno logs deployment/kyverno-admission-controller; if it stands in the way: kubectl delete validatingwebhookconfiguration -l webhook.kyverno.io/managed-by=kyverno',
    },
  ],
});
