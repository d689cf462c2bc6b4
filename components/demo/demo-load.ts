import type { ComponentContext, Manifest } from '../define';
import { defineComponent } from '../define';
import { demoApps } from './demo-apps';

const namespace = 'demo';
const [script, program] = ['k6-load.js', 'stress.sh'];

export const demoLoad = defineComponent({
  id: 'demo-load',
  summary: '100 users for a minute by k6, and a pod that keeps a CPU busy: started by hand, as often as one likes',
  roles: [],
  namespace: { name: namespace, podSecurity: 'restricted' },
  insteadOf: {
    what: 'jobs that one applies (seed 000)',
    because: 'a job runs once and starts with the installation; a suspended schedule is a template that runs when it is asked to',
  },
  requires: [demoApps],
  timeoutSeconds: 60,
  resources: (context) => [programs(context), job('k6-loadtest', loadTest), job('stress-cpu', stress)],
  checks: [
    {
      description: 'both are there to be started',
      command: ['kubectl', '-n', namespace, 'get', 'cronjob', 'k6-loadtest', 'stress-cpu'],
      hint: 'to start one: kubectl -n demo create job --from=cronjob/k6-loadtest k6-1; then: kubectl -n demo logs -f job/k6-1',
    },
  ],
});

const programs = ({ file }: ComponentContext): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'load', namespace },
  data: Object.fromEntries([script, program].map((name) => [name, file(`components/files/${name}`)])),
});

const common = {
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  volumeMounts: [
    { name: 'load', mountPath: '/load', readOnly: true },
    { name: 'scratch', mountPath: '/scratch' },
  ],
};

const loadTest = {
  ...common,
  name: 'k6',
  image: 'docker.io/grafana/k6:1.8.1',
  args: ['run', '--no-usage-report', `/load/${script}`],
  env: [{ name: 'HOME', value: '/scratch' }],
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
};

const stress = {
  ...common,
  name: 'stress',
  image: 'docker.io/library/busybox:1.35.0',
  command: ['sh', `/load/${program}`],
  env: [
    { name: 'SECONDS_BUSY', value: '60' },
    { name: 'SIZE', value: '64' },
  ],
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } },
};

/** Suspended, so its schedule never comes; a sidecar would keep it from ending. */
function job(name: string, container: object): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace },
    spec: {
      schedule: '0 0 1 1 *',
      suspend: true,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          ttlSecondsAfterFinished: 3600,
          template: {
            metadata: { labels: { app: name, 'sidecar.istio.io/inject': 'false' } },
            spec: {
              restartPolicy: 'Never',
              automountServiceAccountToken: false,
              securityContext: { runAsNonRoot: true, runAsUser: 65534, fsGroup: 65534, seccompProfile: { type: 'RuntimeDefault' } },
              containers: [container],
              volumes: [
                { name: 'load', configMap: { name: 'load' } },
                { name: 'scratch', emptyDir: {} },
              ],
            },
          },
        },
      },
    },
  };
}
