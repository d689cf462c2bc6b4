import { createHash } from 'node:crypto';
import type { ComponentContext, Manifest } from '../define';
import { defineComponent } from '../define';
import { istioCni } from '../network/istio-cni';
import { istiod } from '../network/istiod';

const namespace = 'demo';
const nodePort = 30080;
const nginxConfig = 'components/files/demo-nginx.conf';

export const demoApps = defineComponent({
  id: 'demo-apps',
  summary: `nginx on NodePort ${nodePort}, httpbin behind it in two versions, and redis`,
  roles: [],
  namespace: {
    name: namespace,
    podSecurity: 'restricted',
    // Load tests and autoscalers live here: what they take must leave the platform of a laptop alone.
    limits: { default: { memory: '256Mi' }, defaultRequest: { cpu: '10m', memory: '32Mi' } },
    quota: { pods: '60', 'requests.cpu': '4', 'requests.memory': '4Gi' },
  },
  insteadOf: {
    what: 'the images nginx and kong/httpbin (seeds 000 and 001)',
    because: 'both run as root; these two do the same without it, and httpbin is one small program',
  },
  requires: ['cni'],
  // What is there when a pod starts gives it its sidecar.
  after: [istiod, istioCni],
  traffic: { fromAnywhere: [8080] },
  needs: ['hostToMachine'],
  // Four pods, each with a sidecar.
  requests: {
    hub: { cpuMillicores: 80, memoryMiB: 256 },
    agent: { cpuMillicores: 80, memoryMiB: 256 },
    standalone: { cpuMillicores: 80, memoryMiB: 256 },
  },
  resources: (context) => [
    ...['nginx-web', 'httpbin', 'redis'].map(account),
    map('nginx-web', { 'default.conf': context.file(nginxConfig) }),
    map('nginx-pages', { 'index.html': `<h1>nginx of cluster ${context.cluster.name}</h1>\n`, healthz: 'ok\n' }),
    nginx(context),
    httpbin(context, 'v1'),
    httpbin(context, 'v2'),
    redis(context),
    service('nginx-web', { port: 80, targetPort: 'http', nodePort }),
    service('httpbin', { port: 80, targetPort: 'http' }),
    service('redis', { port: 6379, targetPort: 'redis' }),
  ],
  ready: ['nginx-web', 'httpbin-v1', 'httpbin-v2', 'redis'].map((name) => ({
    kind: 'rollout',
    namespace,
    resource: `deployment/${name}`,
  })),
  checks: [
    {
      description: 'node {node} answers with the page of nginx',
      command: ['curl', '--silent', '--show-error', '--fail', '--max-time', '5', '--output', '/dev/null', `http://{address}:${nodePort}/`],
      hint: 'kubectl -n demo get pods,endpointslices -o wide',
    },
    {
      description: 'all of them run',
      command: ['kubectl', '-n', namespace, 'wait', 'deployment', '--all', '--for=condition=Available', '--timeout=5s'],
      hint: 'kubectl -n demo describe pod',
    },
  ],
});

/** No `replicas` anywhere: demo-scaling decides how many there are, and an upgrade must not decide against it. */
function deployment(context: ComponentContext, name: string, labels: Record<string, string>, pod: object, annotations = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...(context.has(istiod) ? { 'sidecar.istio.io/inject': 'true' } : {}) }, annotations },
        spec: { serviceAccountName: labels.app, automountServiceAccountToken: false, terminationGracePeriodSeconds: 10, ...pod },
      },
    },
  };
}

function nginx(context: ComponentContext): Manifest {
  return deployment(
    context,
    'nginx-web',
    { app: 'nginx-web' },
    {
      securityContext: userOf(101),
      containers: [
        {
          ...container('nginx', 'docker.io/nginxinc/nginx-unprivileged:1.29-alpine', { cpu: '10m', memory: '16Mi' }),
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
          volumeMounts: [
            { name: 'config', mountPath: '/etc/nginx/conf.d', readOnly: true },
            { name: 'pages', mountPath: '/usr/share/nginx/html', readOnly: true },
            { name: 'scratch', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: 'nginx-web' } },
        { name: 'pages', configMap: { name: 'nginx-pages' } },
        { name: 'scratch', emptyDir: {} },
      ],
    },
    // nginx reads its configuration once.
    { 'flotilla.internal/config-sha256': createHash('sha256').update(context.file(nginxConfig)).digest('hex') },
  );
}

function httpbin(context: ComponentContext, version: 'v1' | 'v2'): Manifest {
  return deployment(
    context,
    `httpbin-${version}`,
    { app: 'httpbin', version },
    {
      securityContext: userOf(65532),
      containers: [
        {
          ...container('httpbin', 'docker.io/mccutchen/go-httpbin:v2.15.0', { cpu: '10m', memory: '16Mi' }),
          // Answers at /hostname with the pod's name, so one can see who was asked.
          env: [{ name: 'USE_REAL_HOSTNAME', value: 'true' }],
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 5 },
          volumeMounts: [],
        },
      ],
      volumes: [],
    },
  );
}

function redis(context: ComponentContext): Manifest {
  return deployment(
    context,
    'redis',
    { app: 'redis' },
    {
      securityContext: userOf(999),
      containers: [
        {
          ...container('redis', 'docker.io/library/redis:7.4-alpine', { cpu: '10m', memory: '16Mi' }),
          ports: [{ name: 'redis', containerPort: 6379 }],
          readinessProbe: { tcpSocket: { port: 'redis' }, periodSeconds: 5 },
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  );
}

const userOf = (id: number) => ({
  runAsNonRoot: true,
  runAsUser: id,
  runAsGroup: id,
  fsGroup: id,
  seccompProfile: { type: 'RuntimeDefault' },
});

const container = (name: string, image: string, requests: { readonly cpu: string; readonly memory: string }) => ({
  name,
  image,
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  resources: { requests, limits: { memory: '128Mi' } },
});

const map = (name: string, data: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

/** One for each, because policies of the mesh tell callers apart by it. */
const account = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });

function service(app: string, port: { readonly port: number; readonly targetPort: string; readonly nodePort?: number }): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app, namespace, labels: { app } },
    spec: {
      type: port.nodePort === undefined ? 'ClusterIP' : 'NodePort',
      selector: { app },
      ports: [{ name: port.targetPort === 'http' ? 'http' : 'tcp', ...port }],
    },
  };
}
