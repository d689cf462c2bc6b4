import { defineComponent, type Manifest } from '../define';
import { workloadLimits, workloadQuota } from './production';

const namespace = 'default';

export const defaultLimits = defineComponent({
  id: 'default-limits',
  summary: 'Limits and a quota for the namespace default, where people land who name none',
  roles: ['hub', 'agent'],
  // Kubernetes makes it, so they come as objects.
  namespace: { name: namespace },
  timeoutSeconds: 60,
  resources: () => [limits, quota],
  checks: [
    {
      description: 'both are there',
      command: ['kubectl', '-n', namespace, 'get', 'limitrange/default-limits', 'resourcequota/compute-quota'],
      hint: 'helm -n default get manifest default-limits',
    },
  ],
});

const limits: Manifest = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'default-limits', namespace },
  spec: { limits: [{ type: 'Container', ...workloadLimits }] },
};

const quota: Manifest = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'compute-quota', namespace },
  spec: { hard: workloadQuota },
};
