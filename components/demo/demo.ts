import { createHash } from 'node:crypto';
import type { ComponentContext, Manifest } from '../define';
import { defineComponent } from '../define';
import { localPath } from '../storage/local-path';
import { demoApps } from './demo-apps';

const namespace = demoApps.namespace.name;
const image = 'docker.io/library/busybox:1.35.0';
const nodePort = 30080;
const programs = ['demo-serve.sh', 'ledger-write.sh', 'ledger-verify.sh'] as const;
/** Volume name of the ledger → storage class of its claim. */
const volumes = { delete: 'local-path', retain: 'local-path-retain' } as const;

export const demo = defineComponent({
  id: 'demo',
  summary: `A page on NodePort ${nodePort} of every node and a ledger on both storage classes`,
  roles: [],
  // With its limits and quota.
  namespace: demoApps.namespace,
  // Not just the slot: the ledger claims by the names of these classes.
  requires: ['cni', localPath],
  traffic: { fromAnywhere: [8080] },
  needs: ['hostToMachine'],
  requests: {
    hub: { cpuMillicores: 30, memoryMiB: 48 },
    agent: { cpuMillicores: 30, memoryMiB: 48 },
    standalone: { cpuMillicores: 30, memoryMiB: 48 },
  },
  resources: (context) => [programMap(context), pageDeployment(context), pageService, ledger(context), ledgerService],
  ready: [
    { kind: 'rollout', namespace, resource: 'deployment/demo' },
    { kind: 'rollout', namespace, resource: 'statefulset/ledger' },
  ],
  checks: [
    {
      description: 'node {node} answers with the page',
      command: ['curl', '--silent', '--show-error', '--fail', '--max-time', '5', `http://{address}:${nodePort}/`],
      hint: 'kubectl -n demo get pods,endpointslices -o wide; a page behind another node goes through the pod network',
    },
    {
      description: 'both pages run, spread over the nodes',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/demo', '--timeout=5s'],
      hint: 'kubectl -n demo describe pod',
    },
    {
      description: 'a claim on each storage class is bound',
      command: ['kubectl', '-n', namespace, 'wait', 'pvc', '--all', '--for=jsonpath={.status.phase}=Bound', '--timeout=5s'],
      hint: 'kubectl -n demo describe pvc',
    },
    {
      description: 'the ledger is on both volumes and complete',
      command: ['kubectl', '-n', namespace, 'exec', 'ledger-0', '--', 'sh', '/programs/ledger-verify.sh'],
      hint: 'kubectl -n demo describe pod ledger-0',
    },
  ],
});

function programMap({ file }: ComponentContext): Manifest {
  const data = Object.fromEntries(programs.map((name) => [name, file(`components/files/${name}`)]));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'programs', namespace }, data };
}

function pageDeployment(context: ComponentContext): Manifest {
  const labels = { 'app.kubernetes.io/name': 'demo' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'demo', namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: programHash(context) },
        spec: {
          ...pod,
          tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'DoNotSchedule',
              nodeTaintsPolicy: 'Ignore',
              labelSelector: { matchLabels: labels },
              // Pods of the version before must not decide where those of the next one go.
              matchLabelKeys: ['pod-template-hash'],
            },
          ],
          containers: [
            {
              ...container('page', 'demo-serve.sh', [{ name: 'CLUSTER', value: context.cluster.name }, ...identity]),
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 2 },
              volumeMounts: [programsMount, { name: 'www', mountPath: '/www' }],
            },
          ],
          volumes: [programsVolume, { name: 'www', emptyDir: {} }],
        },
      },
    },
  };
}

const pageService: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'demo', namespace },
  spec: {
    type: 'NodePort',
    externalTrafficPolicy: 'Cluster',
    selector: { 'app.kubernetes.io/name': 'demo' },
    ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort }],
  },
};

function ledger(context: ComponentContext): Manifest {
  const labels = { 'app.kubernetes.io/name': 'ledger' };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'ledger', namespace, labels },
    spec: {
      serviceName: 'ledger',
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: programHash(context) },
        spec: {
          ...pod,
          containers: [
            {
              ...container('ledger', 'ledger-write.sh', identity),
              volumeMounts: [programsMount, ...Object.keys(volumes).map((name) => ({ name, mountPath: `/ledger/${name}` }))],
            },
          ],
          volumes: [programsVolume],
        },
      },
      volumeClaimTemplates: Object.entries(volumes).map(([name, storageClassName]) => ({
        metadata: { name },
        spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '16Mi' } } },
      })),
    },
  };
}

const ledgerService: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'ledger', namespace },
  spec: { clusterIP: 'None', selector: { 'app.kubernetes.io/name': 'ledger' } },
};

const identity = [
  { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
  { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
];

const pod = {
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 5,
  securityContext: { runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, fsGroup: 65534, seccompProfile: { type: 'RuntimeDefault' } },
};

const programsMount = { name: 'programs', mountPath: '/programs', readOnly: true };
const programsVolume = { name: 'programs', configMap: { name: 'programs' } };

function container(name: string, program: (typeof programs)[number], env: readonly object[]) {
  return {
    name,
    image,
    command: ['sh', `/programs/${program}`],
    env,
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  };
}

/** Restarts the pods when a program was edited; the running shell does not read it again. */
function programHash({ file }: ComponentContext) {
  const texts = programs.map((name) => file(`components/files/${name}`)).join('');
  return { 'flotilla.internal/programs-sha256': createHash('sha256').update(texts).digest('hex') };
}
