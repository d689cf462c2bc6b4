import type { ComponentContext } from '../define';
import { defineComponent, peersOf } from '../define';
import { gatewayApiCrds } from './gateway-api-crds';
import { metallbPools } from './metallb-pools';

const meshPort = 32379;

export const cilium = defineComponent({
  id: 'cilium',
  summary: 'Pod network without kube-proxy, its policies up to layer 7, Hubble, and the mesh of the clusters',
  roles: ['hub', 'agent'],
  namespace: { name: 'kube-system' },
  insteadOf: {
    what: "a LoadBalancer for the mesh's API server, and the key `tunnel` (seed 003, 7.3)",
    because:
      'MetalLB needs the network that Cilium makes first, so Helm would wait without end: it is a port of the nodes; the key is gone from the chart',
  },
  chart: { repository: 'https://helm.cilium.io', name: 'cilium', version: '1.19.7' },
  provides: ['cni', 'mesh'],
  replaces: ['kube-proxy'],
  requires: [gatewayApiCrds],
  traffic: { fromAnywhere: [2379, 8081] },
  crds: [
    'ciliumcidrgroups.cilium.io',
    'ciliumclusterwideenvoyconfigs.cilium.io',
    'ciliumclusterwidenetworkpolicies.cilium.io',
    'ciliumendpoints.cilium.io',
    'ciliumenvoyconfigs.cilium.io',
    'ciliumidentities.cilium.io',
    'ciliumnetworkpolicies.cilium.io',
    'ciliumnodes.cilium.io',
  ],
  // Measured: agent 185 MiB, operator 118, mesh 140; Envoy and Hubble by their documentation.
  requests: {
    hub: { cpuMillicores: 90, memoryMiB: 416, perNode: { cpuMillicores: 60, memoryMiB: 256 } },
    agent: { cpuMillicores: 90, memoryMiB: 416, perNode: { cpuMillicores: 60, memoryMiB: 256 } },
    standalone: { cpuMillicores: 50, memoryMiB: 224, perNode: { cpuMillicores: 60, memoryMiB: 256 } },
  },
  // The chart looks for it before it makes one: so all clusters of a mesh trust each other, and no key is in values.
  secrets: [{ name: 'cilium-ca', keys: { 'ca.crt': '{cilium-ca.crt}', 'ca.key': '{cilium-ca.key}' }, helmOwned: true }],
  timeoutSeconds: 600,
  // Contract C6: pods of other machines are reached through VXLAN, because networks of virtual machines drop frames with foreign addresses.
  // And default-deny denies nothing where policies are not looked at, or only written down.
  fixed: {
    routingMode: 'tunnel',
    tunnelProtocol: 'vxlan',
    policyEnforcementMode: 'default',
    policyAuditMode: false,
    k8sNetworkPolicy: { enabled: true },
    extraConfig: { 'enable-policy': 'default', 'policy-audit-mode': 'false', 'enable-k8s-networkpolicy': 'true' },
  },
  values: (context) => ({
    cluster: { name: context.cluster.name, id: context.cluster.id },
    k8sServiceHost: context.cluster.api.name,
    k8sServicePort: context.cluster.api.port,
    // Without a load balancer the gateway listens on the nodes themselves.
    gatewayAPI: { hostNetwork: { enabled: !context.has(metallbPools) } },
    ...meshOf(context),
  }),
  // Helm's own wait proves nothing here: it lets one operator and two agents be missing.
  ready: [
    { kind: 'rollout', namespace: 'kube-system', resource: 'daemonset/cilium' },
    { kind: 'rollout', namespace: 'kube-system', resource: 'deployment/cilium-operator' },
    { kind: 'condition', resource: 'crd/ciliumnetworkpolicies.cilium.io', condition: 'Established' },
    { kind: 'nodes-ready' },
  ],
  checks: [
    {
      description: 'the pod network runs on every node',
      command: ['kubectl', '-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=5s'],
      hint: 'kubectl -n kube-system exec daemonset/cilium -- cilium-dbg status',
    },
    {
      description: 'every node is Ready',
      command: ['kubectl', 'wait', 'node', '--all', '--for=condition=Ready', '--timeout=5s'],
      hint: 'the kubelet says why not: kubectl describe node',
    },
    {
      description: 'Hubble sees the flows of the cluster',
      command: ['kubectl', '-n', 'kube-system', 'rollout', 'status', 'deployment/hubble-relay', '--timeout=5s'],
      hint: 'kubectl -n kube-system logs deployment/hubble-relay',
    },
    {
      description: 'the mesh connects {cluster} to {peer}',
      command: ['bash', 'scripts/host/mesh-peer.sh', '{peer}'],
      hint: 'kubectl -n kube-system exec deployment/clustermesh-apiserver -c kvstoremesh -- clustermesh-apiserver kvstoremesh-dbg troubleshoot',
    },
  ],
});

/** Hub and agents of a fleet are one mesh; a cluster that stands alone has no part in it. */
function meshOf(context: ComponentContext) {
  const { cluster } = context;
  const peers = peersOf(context);
  if (peers.length === 0) return {};
  return {
    clustermesh: {
      useAPIServer: true,
      // By name, not by address: names outlive a lease, and the certificate below carries them.
      config: { enabled: true, clusters: peers.map(({ name, api }) => ({ name, address: api.name, port: meshPort })) },
      apiserver: { tls: { server: { extraDnsNames: [cluster.api.name] } } },
    },
  };
}
