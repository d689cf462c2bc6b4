import { defineComponent } from '../define';

export const metricsServer = defineComponent({
  id: 'metrics-server',
  summary: 'CPU and memory of nodes and pods, for kubectl top and autoscalers',
  roles: ['hub', 'agent', 'standalone'],
  namespace: { name: 'kube-system' },
  chart: { repository: 'https://kubernetes-sigs.github.io/metrics-server', name: 'metrics-server', version: '3.13.1' },
  requires: ['cni'],
  requests: {
    hub: { cpuMillicores: 20, memoryMiB: 64 },
    agent: { cpuMillicores: 20, memoryMiB: 64 },
    standalone: { cpuMillicores: 20, memoryMiB: 64 },
  },
  timeoutSeconds: 120,
  ready: [{ kind: 'condition', resource: 'apiservice/v1beta1.metrics.k8s.io', condition: 'Available' }],
  checks: [
    {
      description: 'the metrics API answers',
      command: ['kubectl', 'wait', 'apiservice/v1beta1.metrics.k8s.io', '--for=condition=Available', '--timeout=5s'],
      hint: 'kubectl -n kube-system logs deployment/metrics-server',
    },
    {
      description: 'every node has its metrics',
      command: ['kubectl', 'top', 'node', '{node}'],
      hint: 'a kubelet without an approved serving certificate is refused: kubectl get csr',
    },
  ],
});
