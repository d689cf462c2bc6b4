import type { Manifest } from '../define';
import { defineComponent } from '../define';
import { metricsServer } from '../scaling/metrics-server';
import { demoApps } from './demo-apps';

const namespace = 'demo';
/** The seed's table. */
const scaled = [
  { app: 'nginx-web', deployment: 'nginx-web', minimum: 3, maximum: 10, keep: 2 },
  { app: 'httpbin', deployment: 'httpbin-v1', minimum: 2, maximum: 6, keep: 1 },
];

export const demoScaling = defineComponent({
  id: 'demo-scaling',
  summary: 'nginx from 3 to 10 and httpbin from 2 to 6 pods, at half of the CPU that they asked for, and never too few at once',
  roles: [],
  namespace: { name: namespace, podSecurity: 'restricted' },
  requires: [demoApps, metricsServer],
  // What the lower bounds add to one pod of each.
  requests: {
    hub: { cpuMillicores: 60, memoryMiB: 192 },
    agent: { cpuMillicores: 60, memoryMiB: 192 },
    standalone: { cpuMillicores: 60, memoryMiB: 192 },
  },
  timeoutSeconds: 60,
  resources: () => scaled.flatMap((one) => [autoscaler(one), budget(one)]),
  checks: [
    {
      description: 'both autoscalers read what they scale by',
      command: ['kubectl', '-n', namespace, 'wait', 'hpa', '--all', '--for=condition=ScalingActive', '--timeout=5s'],
      hint: 'kubectl -n demo describe hpa; they ask metrics-server',
    },
  ],
});

function autoscaler({ deployment, minimum, maximum }: (typeof scaled)[number]): Manifest {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: deployment, namespace },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      minReplicas: minimum,
      maxReplicas: maximum,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    },
  };
}

function budget({ app, keep }: (typeof scaled)[number]): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app, namespace },
    spec: { minAvailable: keep, selector: { matchLabels: { app } } },
  };
}
