import type { Artifact } from './artifact';
import { versions } from './versions';

export interface GoProgram {
  readonly id: string;
  readonly summary: string;
  readonly estimateSeconds: number;
  /** Import path of the command, or with the name that its program gets when that is not the path's last part. */
  readonly programs: readonly (string | readonly [importPath: string, name: string])[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly standInFor?: string;
  /** Folder below `artifacts/sources` whose go.mod pins what the program needs. @default - its own, `id` */
  readonly module?: string;
}

const kubernetesVersion = 'k8s.io/component-base/version';
const cniPlugins = 'github.com/containernetworking/plugins';

const goPrograms: readonly GoProgram[] = [
  {
    id: 'kubernetes',
    summary: `Kubernetes ${versions.kubernetes}: kubeadm, kubelet, kubectl, control plane, kube-proxy`,
    estimateSeconds: 1570,
    programs: ['kubeadm', 'kubelet', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kube-proxy'].map(
      (name) => `k8s.io/kubernetes/cmd/${name}`,
    ),
    variables: {
      [`${kubernetesVersion}.gitVersion`]: versions.kubernetes,
      [`${kubernetesVersion}.gitMajor`]: '1',
      [`${kubernetesVersion}.gitMinor`]: versions.kubernetes.split('.')[1]!,
      [`${kubernetesVersion}.gitTreeState`]: 'archive',
      [`${kubernetesVersion}.gitCommit`]: 'unknown',
      [`${kubernetesVersion}.buildDate`]: '2026-01-01T00:00:00Z',
      'k8s.io/client-go/pkg/version.gitVersion': versions.kubernetes,
    },
  },
  {
    id: 'cni-plugins',
    summary: 'CNI plugins bridge, loopback, ptp, host-local, portmap',
    estimateSeconds: 48,
    programs: ['main/bridge', 'main/loopback', 'main/ptp', 'ipam/host-local', 'meta/portmap'].map(
      (name) => `${cniPlugins}/plugins/${name}`,
    ),
    variables: { [`${cniPlugins}/pkg/utils/buildversion.BuildVersion`]: 'v1.7.1' },
  },
  {
    id: 'etcd',
    summary: 'etcd, etcdctl, etcdutl',
    estimateSeconds: 172,
    programs: [['go.etcd.io/etcd/server/v3', 'etcd'], 'go.etcd.io/etcd/etcdctl/v3', 'go.etcd.io/etcd/etcdutl/v3'],
  },
  {
    id: 'crane',
    summary: 'crane, which fills the registry',
    estimateSeconds: 30,
    programs: ['github.com/google/go-containerregistry/cmd/crane'],
  },
  {
    id: 'registry',
    summary: 'the registry that nodes pull from',
    estimateSeconds: 279,
    programs: ['github.com/distribution/distribution/v3/cmd/registry'],
  },
  {
    id: 'provider-local',
    summary: 'Terraform provider local',
    estimateSeconds: 90,
    programs: ['github.com/terraform-providers/terraform-provider-local'],
  },
  {
    id: 'provider-null',
    summary: 'Terraform provider null (a stand-in)',
    estimateSeconds: 37,
    programs: [['flotilla.dev/offline/provider-null', 'terraform-provider-null']],
    standInFor: 'the Terraform provider hashicorp/null 3.2.4: null_resource only, no import',
  },
  {
    id: 'coredns',
    summary: `CoreDNS ${versions.coredns}`,
    estimateSeconds: 506,
    programs: ['github.com/coredns/coredns'],
  },
  {
    id: 'metrics-server',
    summary: `metrics-server ${versions.metricsServer}`,
    estimateSeconds: 783,
    programs: ['sigs.k8s.io/metrics-server/cmd/metrics-server'],
    variables: { 'sigs.k8s.io/metrics-server/pkg/version.gitVersion': versions.metricsServer },
  },
  {
    id: 'local-path',
    summary: `local-path-provisioner ${versions.localPath}`,
    estimateSeconds: 394,
    programs: ['github.com/rancher/local-path-provisioner'],
    variables: { 'main.VERSION': versions.localPath },
  },
  {
    id: 'provider-helm',
    summary: 'Terraform provider helm',
    estimateSeconds: 600,
    programs: ['github.com/hashicorp/terraform-provider-helm'],
  },
  {
    id: 'provider-kubernetes',
    summary: 'Terraform provider kubernetes',
    estimateSeconds: 619,
    programs: ['github.com/hashicorp/terraform-provider-kubernetes'],
  },
];

/** How a program is built from `artifacts/sources/<id>`. */
export const goArtifact = ({ programs, variables, module, ...program }: GoProgram): Artifact => ({
  ...program,
  script: 'artifacts/build/go-program.sh',
  inputs: [`artifacts/sources/${program.id}`, ...(module === undefined ? [] : [`artifacts/sources/${module}`])],
  needs: [],
  settings: {
    source: `artifacts/sources/${module ?? program.id}`,
    programs: programs.map((entry) => (typeof entry === 'string' ? { import: entry, name: null } : { import: entry[0], name: entry[1] })),
    variables: variables ?? {},
  },
  usesGo: true,
  remedy: 'see whether the Go module proxy answers (`go env GOPROXY`) and whether Go is 1.26.4 or newer',
});

/** Every program that Go compiles, heaviest need first: the list's order is the order of the work. */
export const goArtifacts: readonly Artifact[] = goPrograms.map(goArtifact);
