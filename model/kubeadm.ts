import { featureGates, type GatedProgram } from './feature-gates';
import type { ResolvedCluster, ResolvedFleet, ResolvedNode } from './resolved-fleet';

export { corefile, type HostEntry, hostNames } from './names';

type Document = Readonly<Record<string, unknown>>;

/** What kubeadm's documents depend on, of the fleet, the cluster and the node. */
export type KubeadmFleet = Pick<ResolvedFleet, 'kubernetesVersion' | 'domain' | 'featureGates'>;
export type KubeadmNodeAddress = Pick<ResolvedNode, 'name' | 'role' | 'address'>;
export type KubeadmPlan = Pick<ResolvedCluster, 'name' | 'api' | 'podCidr' | 'serviceCidr' | 'skipPhases'> & {
  readonly nodes: readonly KubeadmNodeAddress[];
};

const kubeadmApi = 'kubeadm.k8s.io/v1beta4';
const admissionFolder = '/etc/kubernetes/admission';

/** What `kubeadm init` reads on the first control plane. What only the machine knows (cgroup version, secrets) is added there. */
export function initDocuments(fleet: KubeadmFleet, cluster: KubeadmPlan, node: KubeadmNodeAddress): readonly Document[] {
  const hasProxy = !cluster.skipPhases.includes('addon/kube-proxy');
  return [
    {
      apiVersion: kubeadmApi,
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: cluster.api.port },
      nodeRegistration: nodeRegistration(cluster, node),
      // Without its token kubeadm makes one up; each join asks for a token of its own, so this one may die soon.
      bootstrapTokens: [
        { ttl: '5m0s', usages: ['signing', 'authentication'], groups: ['system:bootstrappers:kubeadm:default-node-token'] },
      ],
      // The last phase prints a join command with a token in it.
      skipPhases: [...cluster.skipPhases, 'show-join-command'],
    },
    clusterConfiguration(fleet, cluster, hasProxy),
    kubeletConfiguration(fleet),
    ...(hasProxy ? [kubeProxyConfiguration] : []),
  ];
}

/** What `kubeadm join` reads, without token and CA hash: they are made for one join and added on the machine. */
export function joinDocument(cluster: KubeadmPlan, node: KubeadmNodeAddress): Document {
  return {
    apiVersion: kubeadmApi,
    kind: 'JoinConfiguration',
    nodeRegistration: nodeRegistration(cluster, node),
    discovery: { bootstrapToken: { apiServerEndpoint: `${cluster.api.name}:${cluster.api.port}` } },
    ...(node.role === 'control-plane'
      ? { controlPlane: { localAPIEndpoint: { advertiseAddress: node.address, bindPort: cluster.api.port } } }
      : {}),
  };
}

/** Pod security where a namespace says nothing: baseline is enforced, restricted is warned about. Our privileged namespaces are labelled, not exempt. */
export function admission(): Document {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'PodSecurity',
        configuration: {
          apiVersion: 'pod-security.admission.config.k8s.io/v1',
          kind: 'PodSecurityConfiguration',
          defaults: {
            enforce: 'baseline',
            'enforce-version': 'latest',
            audit: 'restricted',
            'audit-version': 'latest',
            warn: 'restricted',
            'warn-version': 'latest',
          },
          exemptions: { usernames: [], runtimeClasses: [], namespaces: ['kube-system'] },
        },
      },
    ],
  };
}

function nodeRegistration({ nodes }: KubeadmPlan, { name, role, address }: KubeadmNodeAddress): Document {
  const hasWorkers = nodes.some((node) => node.role === 'worker');
  return {
    name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    // v1beta4 takes a list; a map, as in the versions before, is refused.
    kubeletExtraArgs: [{ name: 'node-ip', value: address }],
    // A cluster of control planes alone has to run its workloads there.
    ...(role === 'control-plane' && !hasWorkers ? { taints: [] } : {}),
  };
}

function clusterConfiguration(fleet: KubeadmFleet, cluster: KubeadmPlan, hasProxy: boolean): Document {
  const controlPlanes = cluster.nodes.filter(({ role }) => role === 'control-plane');
  const names = controlPlanes.flatMap(({ name, address }) => [name, `${name}.${fleet.domain}`, address]);
  const gates = (program: GatedProgram) => {
    const listed = Object.entries(featureGates(fleet.kubernetesVersion, program, fleet.featureGates)).map(([name, on]) => `${name}=${on}`);
    return listed.length === 0 ? [] : [{ name: 'feature-gates', value: listed.join(',') }];
  };
  return {
    apiVersion: kubeadmApi,
    kind: 'ClusterConfiguration',
    kubernetesVersion: `v${fleet.kubernetesVersion}`,
    clusterName: cluster.name,
    controlPlaneEndpoint: `${cluster.api.name}:${cluster.api.port}`,
    networking: { podSubnet: cluster.podCidr, serviceSubnet: cluster.serviceCidr, dnsDomain: 'cluster.local' },
    apiServer: {
      certSANs: [cluster.api.name, ...names, 'localhost', '127.0.0.1'],
      extraArgs: [{ name: 'admission-control-config-file', value: `${admissionFolder}/config.yaml` }, ...gates('apiServer')],
      extraVolumes: [
        { name: 'admission', hostPath: admissionFolder, mountPath: admissionFolder, readOnly: true, pathType: 'DirectoryOrCreate' },
      ],
    },
    controllerManager: { extraArgs: gates('controllerManager') },
    scheduler: { extraArgs: gates('scheduler') },
    etcd: { local: { extraArgs: [{ name: 'quota-backend-bytes', value: '2147483648' }] } },
    // Kept by kubeadm, so that an upgrade does not bring kube-proxy back either.
    ...(hasProxy ? {} : { proxy: { disabled: true } }),
  };
}

function kubeletConfiguration({ kubernetesVersion, featureGates: profile }: KubeadmFleet): Document {
  const gates = featureGates(kubernetesVersion, 'kubelet', profile);
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // As containerd in the node image: in a machine on cgroup v1 systemd cannot make scopes for it. A machine whose containerd says otherwise has its way.
    cgroupDriver: 'cgroupfs',
    serverTLSBootstrap: true,
    // Absolute, because all machines share the host's disk: its percentages say nothing about one node, and a full disk
    // elsewhere made kubelets evict pods and delete images, pause among them.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1Gi', 'imagefs.available': '1Gi' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    ...(Object.keys(gates).length === 0 ? {} : { featureGates: gates }),
  };
}

const kubeProxyConfiguration: Document = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  // Zero leaves the sysctl alone, which a machine in a container may not write.
  conntrack: { maxPerCore: 0, min: 0 },
};
