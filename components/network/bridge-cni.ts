import { createHash } from 'node:crypto';
import { defineComponent } from '../define';

const labels = { 'app.kubernetes.io/name': 'bridge-cni' };
const program = 'components/files/bridge-cni.sh';
const meta = (name: string) => ({ name, namespace: 'kube-system' });

export const bridgeCni = defineComponent({
  id: 'bridge-cni',
  summary: 'Pod network: a bridge per node, joined by VXLAN with static entries',
  roles: [],
  namespace: { name: 'kube-system' },
  provides: ['cni'],
  requests: {
    hub: { cpuMillicores: 0, memoryMiB: 0, perNode: { cpuMillicores: 10, memoryMiB: 32 } },
    agent: { cpuMillicores: 0, memoryMiB: 0, perNode: { cpuMillicores: 10, memoryMiB: 32 } },
    standalone: { cpuMillicores: 0, memoryMiB: 0, perNode: { cpuMillicores: 10, memoryMiB: 32 } },
  },
  timeoutSeconds: 120,
  resources: ({ cluster, file }) => [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('bridge-cni') },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'bridge-cni' },
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'bridge-cni' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'bridge-cni' },
      subjects: [{ kind: 'ServiceAccount', ...meta('bridge-cni') }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('bridge-cni'), data: { 'bridge-cni.sh': file(program) } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { ...meta('bridge-cni'), labels },
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        template: {
          // An edited program must restart the pods: kubelet updates the file below them, the running shell does not read it again.
          metadata: { labels, annotations: { 'flotilla.internal/program-sha256': sha256(file(program)) } },
          spec: podSpec(cluster),
        },
      },
    },
  ],
  ready: [{ kind: 'rollout', namespace: 'kube-system', resource: 'daemonset/bridge-cni' }, { kind: 'nodes-ready' }],
  checks: [
    {
      description: 'the pod network runs on every node',
      command: ['kubectl', '-n', 'kube-system', 'rollout', 'status', 'daemonset/bridge-cni', '--timeout=5s'],
      hint: 'it says what it waits for: kubectl -n kube-system logs daemonset/bridge-cni',
    },
    {
      description: 'every node is Ready',
      command: ['kubectl', 'wait', 'node', '--all', '--for=condition=Ready', '--timeout=5s'],
      hint: 'the kubelet says why not: kubectl describe node',
    },
  ],
});

function podSpec(cluster: { readonly id: number; readonly podCidr: string }) {
  return {
    serviceAccountName: 'bridge-cni',
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    // A node without a network carries the not-ready taint until this pod runs.
    tolerations: [{ operator: 'Exists' }],
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: 'bridge-cni',
        image: 'flotilla.internal/bridge-cni:1',
        command: ['bash', '/program/bridge-cni.sh'],
        env: [
          { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'CLUSTER_ID', value: String(cluster.id) },
          { name: 'POD_CIDR_CLUSTER', value: cluster.podCidr },
        ],
        securityContext: { privileged: true },
        resources: { requests: { cpu: '10m', memory: '32Mi' } },
        readinessProbe: { exec: { command: ['cat', '/run/bridge-cni/ready'] }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'program', mountPath: '/program', readOnly: true },
          { name: 'cni', mountPath: '/host/cni' },
          { name: 'run', mountPath: '/run/bridge-cni' },
        ],
      },
    ],
    volumes: [
      { name: 'program', configMap: { name: 'bridge-cni' } },
      { name: 'cni', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } },
      { name: 'run', emptyDir: { medium: 'Memory' } },
    ],
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
