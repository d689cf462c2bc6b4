import { defineComponent } from '../define';
import { prometheusOperatorCrds } from '../observability/prometheus-operator-crds';

const namespace = 'trivy-system';
/** Of the operator and of one scan at a time. */
const requests = { cpuMillicores: 70, memoryMiB: 256 };

export const trivyOperator = defineComponent({
  id: 'trivy-operator',
  summary:
    'Scans running images for known vulnerabilities, lists what they are made of, and checks the settings of workloads; repeated after a week',
  roles: ['hub', 'agent'],
  namespace: { name: namespace, podSecurity: 'baseline' },
  chart: { repository: 'https://aquasecurity.github.io/helm-charts', name: 'trivy-operator', version: '0.34.0' },
  requires: ['cni'],
  after: [prometheusOperatorCrds],
  // Its scans fetch images and the database of holes.
  traffic: { toAnywhere: 'all' },
  crds: [
    'clustercompliancereports.aquasecurity.github.io',
    'clusterconfigauditreports.aquasecurity.github.io',
    'clusterinfraassessmentreports.aquasecurity.github.io',
    'clusterrbacassessmentreports.aquasecurity.github.io',
    'clustersbomreports.aquasecurity.github.io',
    'clustervulnerabilityreports.aquasecurity.github.io',
    'configauditreports.aquasecurity.github.io',
    'exposedsecretreports.aquasecurity.github.io',
    'infraassessmentreports.aquasecurity.github.io',
    'rbacassessmentreports.aquasecurity.github.io',
    'sbomreports.aquasecurity.github.io',
    'vulnerabilityreports.aquasecurity.github.io',
  ],
  requests: { hub: requests, agent: requests, standalone: requests },
  values: ({ has }) => ({ serviceMonitor: { enabled: has(prometheusOperatorCrds) } }),
  checks: [
    {
      description: 'images are scanned',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/trivy-operator', '--timeout=5s'],
      hint: 'kubectl -n trivy-system logs deployment/trivy-operator; what it found: kubectl get vulnerabilityreports -A',
    },
  ],
});
