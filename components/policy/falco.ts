import { defineComponent } from '../define';
import { prometheusOperatorCrds } from '../observability/prometheus-operator-crds';

const namespace = 'falco';
const perNode = { cpuMillicores: 50, memoryMiB: 160 };
const requests = { cpuMillicores: 0, memoryMiB: 0, perNode };

export const falco = defineComponent({
  id: 'falco',
  summary: "Watches what containers do to the kernel: Falco's own rules and five of ours; what it sees is in its log, and so in Loki",
  roles: ['hub', 'agent'],
  // Looks at every process of the node.
  namespace: { name: namespace, podSecurity: 'privileged' },
  chart: { repository: 'https://falcosecurity.github.io/charts', name: 'falco', version: '9.1.0' },
  requires: ['cni'],
  after: [prometheusOperatorCrds],
  requests: { hub: requests, agent: requests, standalone: requests },
  values: ({ file, has }) => ({
    customRules: { 'fleet-rules.yaml': file('components/files/falco/fleet-rules.yaml') },
    serviceMonitor: { create: has(prometheusOperatorCrds) },
  }),
  checks: [
    {
      description: 'every node is watched',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'daemonset/falco', '--timeout=5s'],
      hint: 'kubectl -n falco logs daemonset/falco; it needs /sys/kernel/btf/vmlinux on the node',
    },
  ],
});
