import { createHash } from 'node:crypto';
import { type ComponentContext, defineComponent, type Manifest } from '../define';

const namespace = 'monitoring';
const name = 'webhook-logger';
const program = 'components/files/webhook-log.sh';
// What the seeds' people look for: kubectl -n monitoring logs -l app=alertmanager-webhook
const labels = { 'app.kubernetes.io/name': name, app: 'alertmanager-webhook' };

export const webhookLogger = defineComponent({
  id: 'webhook-logger',
  summary: 'Writes every alert that Alertmanager sends into its own log: kubectl -n monitoring logs -l app=alertmanager-webhook',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  requires: ['cni'],
  requests: { hub: { cpuMillicores: 5, memoryMiB: 8 }, standalone: { cpuMillicores: 5, memoryMiB: 8 } },
  timeoutSeconds: 120,
  resources: (context) => [programMap(context), deployment(context), service],
  ready: [{ kind: 'rollout', namespace, resource: `deployment/${name}` }],
  checks: [
    {
      description: 'alerts have somewhere to go',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=5s'],
      hint: 'kubectl -n monitoring describe pod -l app=alertmanager-webhook',
    },
  ],
});

const programMap = ({ file }: ComponentContext): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { log: file(program) },
});

function deployment({ file }: ComponentContext): Manifest {
  const annotations = { 'flotilla.internal/programs-sha256': createHash('sha256').update(file(program)).digest('hex') };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 5,
          securityContext: { runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'log',
              image: 'docker.io/library/busybox:1.35.0',
              // A program below cgi-bin answers; what it writes to its error output is the pod's log.
              command: ['httpd', '-f', '-p', '8080', '-h', '/www'],
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 5 },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              resources: { requests: { cpu: '5m', memory: '8Mi' }, limits: { memory: '32Mi' } },
              volumeMounts: [{ name: 'program', mountPath: '/www/cgi-bin', readOnly: true }],
            },
          ],
          volumes: [{ name: 'program', configMap: { name, defaultMode: 0o555 } }],
        },
      },
    },
  };
}

const service: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels },
  spec: { selector: labels, ports: [{ name: 'http', port: 8080, targetPort: 'http' }] },
};
