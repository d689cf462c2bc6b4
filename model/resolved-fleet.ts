import type { Check, ComponentNamespace, Condition, FleetService, Manifest, PodSecurity, Requests, Slot, Step } from '../components/define';
import type { FeatureGateProfile } from '../config/schema';
import type { SourceChoice, SourceWish } from '../config/sources';
import type { MachineProvider } from '../machines/define';
import type { LaidSecret } from './bootstrap-secrets';
import type { Buffer } from './buffers';
import type { HostPort } from './host-ports';
import type { ClusterRequests } from './requests';

/** Everything there is to know about one deployment: frozen, JSON-able, the only input of stacks, cli, docs and goldens. */
export interface ResolvedFleet {
  readonly fleet: string;
  /** `<fleet>@<provider>`, also the name of the folder below `.flotilla/`. */
  readonly deployment: string;
  /** Six hex digits, made once per deployment; part of every machine's, bridge's and cgroup's name. */
  readonly uid: string;
  readonly provider: ResolvedProvider;
  readonly kubernetesVersion: string;
  readonly featureGates: FeatureGateProfile;
  /** Where packages, images, charts and providers come from. */
  readonly sources: SourceChoice;
  /** Sources that the fleet file names. */
  readonly wantedSources: SourceWish;
  /** `mirror`: folder of charts as the fleet file says it, `null` when it says none. */
  readonly charts: { readonly mirror: string | null };
  readonly domain: string;
  readonly network: ResolvedNetwork;
  readonly budget: { readonly nodesMemoryMiB: number; readonly hostMemoryMiB: number };
  readonly clusters: readonly ResolvedCluster[];
  readonly stacks: readonly ResolvedStack[];
  /** What is allowed but deserves a sentence, such as an old Kubernetes version. */
  readonly warnings: readonly string[];
  /** What was decided on purpose and should be known: what an overlay left out, brought in or dropped. */
  readonly notes: readonly string[];
}

export interface ResolvedProvider {
  readonly id: string;
  /** Where its host scripts are: a folder below `scripts/`, or an absolute path for a provider from outside. */
  readonly scripts: string;
  /** What claims the host for the fleet (bridge, registry) and what gives it back, as `scripts`. */
  readonly hostScripts: { readonly claim: string; readonly release: string };
  readonly brings: MachineProvider['brings'];
  /** `leased`: addresses are not known here; texts hold `leased(<node>)`, `leased(gateway)` and `leased(registry)` in their place. */
  readonly addresses: MachineProvider['addresses'];
  /** How machines are connected, a key of the provider's `networks`. */
  readonly network: string;
  /** What machines are born from; `null`: the node image of `artifacts/`. */
  readonly image: string | null;
  readonly resize: MachineProvider['resize'];
}

export interface ResolvedNetwork {
  /** Where the machines' addresses are; with leased ones only where they usually are. */
  readonly cidr: string;
  readonly prefixLength: number;
  /** An address, or `leased(gateway)`. */
  readonly gateway: string;
  /** At most 15 bytes, the kernel's limit for an interface name. */
  readonly bridge: string;
  /** `url` as the machines see it, or `leased(registry)`. */
  readonly registry: { readonly port: number; readonly url: string };
}

export type NodeRole = 'control-plane' | 'worker';

export interface ResolvedNode {
  readonly name: string;
  readonly role: NodeRole;
  /** The machine's name on the host. */
  readonly machine: string;
  /** An address, or `leased(<node>)`. */
  readonly address: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
}

export interface ResolvedCluster {
  readonly name: string;
  /** 1–255, the identity in a cluster mesh. */
  readonly id: number;
  readonly role: 'hub' | 'agent' | 'standalone';
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly api: { readonly name: string; readonly port: number };
  /** Ports of the host that lead to the first node; none unless the provider brings clusters. */
  readonly hostPorts: readonly HostPort[];
  readonly nodes: readonly ResolvedNode[];
  /** kubeadm phases that a component replaces, e.g. `addon/kube-proxy`. */
  readonly skipPhases: readonly string[];
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** In install order. */
  readonly components: readonly ResolvedComponent[];
  /** What the components ask for, and what the nodes have for them. */
  readonly requests: ClusterRequests;
  /** What it keeps on its disks while the hub is away. */
  readonly buffers: readonly Buffer[];
}

export interface ResolvedComponent {
  readonly id: string;
  readonly summary: string;
  /** What others of the cluster may require without naming it. */
  readonly provides: readonly Slot[];
  readonly namespace: Omit<ComponentNamespace, 'podSecurity'> & { readonly podSecurity: PodSecurity | null };
  /** `null`: no chart of its own, its `resources` travel with our `manifests` chart. */
  readonly chart: { readonly repository: string; readonly name: string; readonly version: string } | null;
  /** Ids of the components of this cluster that must be there before, transitively reduced. */
  readonly dependsOn: readonly string[];
  /** Ids of components of the hub that it uses without waiting for them; `[]` but on agents: elsewhere they are part of `dependsOn`. */
  readonly reaches: readonly string[];
  readonly serves: readonly FleetService[];
  readonly crds: readonly string[];
  /** Of this cluster's role, summed over its nodes. */
  readonly requests: Required<Omit<Requests, 'perNode'>>;
  readonly secrets: readonly LaidSecret[];
  readonly timeoutSeconds: number;
  readonly values: Readonly<Record<string, unknown>>;
  readonly resources: readonly Manifest[];
  readonly steps: readonly Step[];
  /** What lets each other cluster in; only of a hub. */
  readonly links: readonly (Step & { readonly client: string })[];
  readonly ready: readonly Condition[];
  readonly checks: readonly Check[];
}

export interface ResolvedStack {
  readonly name: string;
  readonly kind: 'foundation' | 'cluster' | 'platform' | 'links' | 'access';
  /** `null` for a stack of the whole fleet. */
  readonly cluster: string | null;
  /** Names of the stacks that must be applied before this one. */
  readonly needs: readonly string[];
}
