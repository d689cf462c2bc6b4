import type { SourceKind } from '../config/sources';
import type { Artifact } from './artifact';
import { officialVersions, providerRanges, providerVersions } from './versions';

/** How the nodes of a provider get kubeadm and kubelet: with an image made on this host, by apt inside each machine, or not from us. */
export type NodePackages = 'image' | 'inside' | 'brought';

/** What decides which official downloads there are to ask for. */
export interface OfficialPlan {
  /** The pinned patch, e.g. 1.35.9. */
  readonly kubernetes: string;
  readonly nodePackages: NodePackages;
  /** Repositories of the fleet's charts, as components name them. */
  readonly chartRepositories: readonly string[];
  readonly platform: NodeJS.Platform;
  /** As Go and Kubernetes call it: amd64, arm64. */
  readonly architecture: string;
}

/** One question to a public host: reachable when it answers with one of these. 401 is how a registry says that it is there. */
export interface Probe {
  readonly url: string;
  readonly accepts: readonly number[];
}

export const kubernetesDownloads = 'https://dl.k8s.io';
export const kubernetesPackages = 'https://pkgs.k8s.io/core:/stable:';
const gitHub = 'https://github.com';
const cniArchive = (architecture: string): string =>
  `${gitHub}/containernetworking/plugins/releases/download/${officialVersions.cniPlugins}/cni-plugins-linux-${architecture}-${officialVersions.cniPlugins}.tgz`;
const registryArchive = (architecture: string): string => {
  const { registry } = officialVersions;
  return `${gitHub}/distribution/distribution/releases/download/v${registry}/registry_${registry}_linux_${architecture}.tar.gz`;
};
const program = (plan: OfficialPlan, name: string, system: string): string =>
  `${kubernetesDownloads}/release/v${plan.kubernetes}/bin/${system}/${plan.architecture}/${name}`;

const systemOf = ({ platform }: OfficialPlan): string => (platform === 'darwin' ? 'darwin' : 'linux');
const minorOf = (patch: string): string => patch.split('.').slice(0, 2).join('.');
const file = (url: string): Probe => ({ url, accepts: [200] });
const registry = (url: string): Probe => ({ url: `${url}/v2/`, accepts: [200, 401] });

/** What to ask before a kind is taken from official sources: the very hosts that it then comes from. */
export function officialProbes(plan: OfficialPlan): Readonly<Record<SourceKind, readonly Probe[]>> {
  const { nodePackages, architecture } = plan;
  return {
    packages: [
      file(`${program(plan, 'kubectl', systemOf(plan))}.sha256`),
      ...(nodePackages === 'image' ? [file(`${cniArchive(architecture)}.sha256`), file(`${registryArchive(architecture)}.sha256`)] : []),
      ...(nodePackages === 'inside' ? [file(`${kubernetesPackages}/v${minorOf(plan.kubernetes)}/deb/Release`)] : []),
    ],
    images: [registry('https://registry.k8s.io'), registry('https://registry-1.docker.io')],
    charts: plan.chartRepositories.map(chartProbe),
    providers: [
      file('https://registry.terraform.io/.well-known/terraform.json'),
      file('https://releases.hashicorp.com/terraform-provider-null/index.json'),
    ],
  };
}

function chartProbe(repository: string): Probe {
  const oci = /^oci:\/\/([^/]+)/.exec(repository);
  return oci ? registry(`https://${oci[1]}`) : file(`${repository.replace(/\/$/, '')}/index.yaml`);
}

/** What official sources give to this host itself: programs and Terraform's providers. Every download is checked against the digest that its project publishes. */
export function officialArtifacts(plan: OfficialPlan): readonly Artifact[] {
  const { architecture, nodePackages, kubernetes } = plan;
  const released = (name: string, system: string) => ({
    url: program(plan, name, system),
    digests: `${program(plan, name, system)}.sha256`,
    programs: [name],
  });
  const archive = (url: string, programs: readonly string[]) => ({ url, digests: `${url}.sha256`, programs });
  const download = (id: string, summary: string, files: readonly object[], estimateSeconds: number): Artifact => ({
    id,
    summary,
    script: 'artifacts/build/download.sh',
    inputs: [],
    needs: [],
    settings: { files },
    estimateSeconds,
    remedy: 'see whether the host that the log names answers, or tell another source: FLOTILLA_SOURCES=offline',
    usedInPlace: true,
  });
  return [
    download(
      'official-host-tools',
      `official programs for this host: kubectl ${kubernetes}${nodePackages === 'image' ? ` and the registry ${officialVersions.registry}` : ''}`,
      [released('kubectl', systemOf(plan)), ...(nodePackages === 'image' ? [archive(registryArchive(architecture), ['registry'])] : [])],
      10,
    ),
    download(
      'official-kubernetes',
      `official kubeadm, kubelet and kubectl ${kubernetes}`,
      ['kubeadm', 'kubelet', 'kubectl'].map((name) => released(name, 'linux')),
      20,
    ),
    download(
      'official-cni-plugins',
      `official CNI plugins ${officialVersions.cniPlugins}`,
      [archive(cniArchive(architecture), ['bridge', 'loopback', 'ptp', 'host-local', 'portmap'])],
      5,
    ),
    {
      id: 'official-node-image',
      summary: `the node image: Debian 12 with the official kubeadm and kubelet ${kubernetes}`,
      script: 'artifacts/build/official-node-image.sh',
      inputs: ['artifacts/node-image'],
      needs: ['official-kubernetes', 'official-cni-plugins'],
      estimateSeconds: 60,
      remedy: 'see whether the Debian mirror answers (`apt-get update`) and whether this runs as root with mmdebstrap installed',
      usedInPlace: true,
    },
    {
      id: 'official-provider-mirror',
      summary: "Terraform's providers from their registry",
      script: 'artifacts/build/official-providers.sh',
      inputs: [],
      needs: [],
      settings: { platform: systemOf(plan), architecture, providers: providerRanges },
      estimateSeconds: 20,
      remedy: 'see whether registry.terraform.io answers, or tell another source: FLOTILLA_SOURCES=providers=offline',
      usedInPlace: true,
    },
  ];
}

/** Providers that the mirrors hold, for Terraform's configuration. */
export const mirroredProviders: readonly string[] = Object.keys(providerVersions).map((type) => `hashicorp/${type}`);
