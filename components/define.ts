import type { Feature } from '../machines/define';

export type PodSecurity = 'privileged' | 'baseline' | 'restricted';

/** What another component can provide and a component can require without naming who provides it. `mesh`: services of other clusters by their names. */
export const slots = ['cni', 'mesh', 'storage', 'load-balancer', 'object-store', 'issuer'] as const;
export type Slot = (typeof slots)[number];

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What a gate waits for before anything that needs the component starts; with `roles`, only in clusters of these. */
export type Condition = { readonly roles?: readonly Role[] } & (
  | { readonly kind: 'nodes-ready' }
  | { readonly kind: 'rollout'; readonly namespace: string; readonly resource: string }
  | { readonly kind: 'condition'; readonly namespace?: string; readonly resource: string; readonly condition: string }
);

/**
 * A question about the running cluster, with what to look at when the answer is no. `{cluster}` is its name and `{clients}` those of `clientsOf`, with spaces
 * between; one that says `{node}` or `{address}` is asked once per node, and one that says `{peer}` or `{peerApi}` once per cluster of `peersOf`.
 */
export interface Check {
  readonly description: string;
  /** Runs in the folder of the package, so that it can name a script: `bash scripts/host/…`. It holds with exit code 0; with 77 it could not tell. */
  readonly command: readonly string[];
  readonly hint: string;
  /** Set by the model: the other cluster that it is about. `verify` prints a line for each such check, also when it holds. */
  readonly peer?: string;
}

export interface ContextNode {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** An address, or `leased(<node>)`. */
  readonly address: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
}

export interface ContextCluster {
  readonly name: string;
  /** 1–255, the identity in a cluster mesh. */
  readonly id: number;
  readonly role: Role;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly api: { readonly name: string; readonly port: number };
  /** Its share of the network's addresses, `<first>-<last>`; left out where it has none. */
  readonly loadBalancerPool?: string;
  readonly nodes: readonly ContextNode[];
}

/** The clusters that use what a component of this one serves: itself, and on a hub every agent. */
export const clientsOf = ({ cluster, clusters }: Pick<ComponentContext, 'cluster' | 'clusters'>): readonly ContextCluster[] =>
  clusters.filter(({ name, role }) => name === cluster.name || (cluster.role === 'hub' && role === 'agent'));

/** The other clusters of the mesh: hub and agents of a fleet. A standalone cluster has none. */
export const peersOf = ({ cluster, clusters }: Pick<ComponentContext, 'cluster' | 'clusters'>): readonly ContextCluster[] =>
  cluster.role === 'standalone' ? [] : clusters.filter(({ name, role }) => role !== 'standalone' && name !== cluster.name);

/** What a component may know of the cluster that it is installed in, and of the others. */
export interface ComponentContext {
  readonly cluster: ContextCluster;
  /** Those of the cluster. */
  readonly nodes: readonly ContextNode[];
  /** All clusters of the fleet in its order, this one too. */
  readonly clusters: readonly ContextCluster[];
  /** The cluster of role hub; `null` in a fleet without one. */
  readonly hub: ContextCluster | null;
  readonly domain: string;
  readonly kubernetesVersion: string;
  /** Whether this cluster installs a component, or anything that fills a slot. */
  readonly has: (target: Component | Slot) => boolean;
  /** The text of a file of the repository, by its path from the root. */
  readonly file: (path: string) => string;
}

export type Role = 'hub' | 'agent' | 'standalone';

/** What a component's pods ask of a cluster by their requests, its sidecars included. */
export interface Requests {
  /** Of all pods that do not run on every node. */
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
  /** Of each node, for a DaemonSet. */
  readonly perNode?: { readonly cpuMillicores: number; readonly memoryMiB: number };
  /** Of all claims, in GiB of the nodes' disks. */
  readonly storageGiB?: number;
}

/**
 * What a component keeps on the nodes' disks while the hub is away. `truncateHours` is how often the write-ahead log drops its older part, sent or not; `bytesPerNode`
 * is where a queue on disk ends. What that means in hours is computed from the cluster's size (model/buffers.ts).
 */
export type BufferDemand =
  | {
      readonly signal: 'metrics';
      readonly scrapeSeconds: number;
      readonly truncateHours: number;
      readonly claimGiB: number;
      readonly promisedHours: number;
    }
  | { readonly signal: 'logs' | 'traces'; readonly bytesPerNode: number; readonly promisedHours: number };

/** A port that other clusters of the fleet may use: a service of this name in the component's namespace, global in the mesh. */
export interface FleetService {
  /** Ends with `-fleet`; called as `<name>.<namespace>.svc:<port>` in every cluster, on the hub too. */
  readonly name: string;
  readonly port: number;
  /** @default the port */
  readonly targetPort?: number | string;
  /** Labels of the pods behind it, on the hub. */
  readonly selector: Readonly<Record<string, string>>;
}

/** A list is one text; of it, `perClient` stands once for each of `clientsOf` and speaks of that cluster. */
export type SecretText = string | readonly (string | { readonly perClient: string })[];

/**
 * A Secret of the component's namespace that is there before its release starts, so that no release waits for another cluster. Its keys hold text in which
 * `{<name>}` is a random value of the deployment, made once and the same wherever the name is used, and `{<name>.crt}` and `{<name>.key}` are a CA of the
 * deployment, and `{<name>.brought}` is what a person wrote to `secrets/brought/<name>`. `{cluster}` is the cluster's name, also within a name: what one cluster must not know of another has such a name. Laid down by a script; never in
 * values or state.
 */
export interface SecretDemand {
  readonly name: string;
  readonly type?: string;
  readonly keys: Readonly<Record<string, SecretText>>;
  /** Set where the chart looks for this Secret and renders it too: Helm takes it over only with its own marks on it. */
  readonly helmOwned?: true;
}

type Quantities = Readonly<Record<string, string>>;

/** A namespace, made by the first component that lives in it. Those that share one agree on its pod security. */
export interface ComponentNamespace {
  readonly name: string;
  /** Left out for a namespace that Kubernetes makes itself. */
  readonly podSecurity?: PodSecurity;
  /** Beside ours and those of pod security. */
  readonly labels?: Readonly<Record<string, string>>;
  /** For containers: what one gets that says nothing, and the most that one may ask for. */
  readonly limits?: { readonly default?: Quantities; readonly defaultRequest?: Quantities; readonly max?: Quantities };
  /** The most that all pods together may ask for, such as `{ 'requests.memory': '8Gi', pods: '20' }`. */
  readonly quota?: Quantities;
}

/**
 * Who talks to the component's pods and whom they call, beyond what is derived: DNS, the API server, their own namespace, what the component requires and
 * reaches, and the ports that it serves. All else is denied.
 */
export interface Traffic {
  /** Ports that the API server calls: webhooks and aggregated APIs. */
  readonly fromApiServer?: readonly number[];
  /** Ports that everybody may call, from outside the cluster too: behind a NodePort or a load balancer. */
  readonly fromAnywhere?: readonly number[];
  /** Ports that its pods call wherever they are; `all` for what scans, builds or fetches. */
  readonly toAnywhere?: readonly number[] | 'all';
  /** Its pods collect metrics from every namespace. */
  readonly scrapes?: true;
  /** Its namespace is left to policies that it, or another component, brings. */
  readonly ownPolicies?: true;
}

/**
 * A script that runs after the release; it gets the cluster, its kubeconfig and the deployment's folder beside `input`, in whose texts `{cluster}`, `{domain}`
 * and `{api}` (the URL of the cluster's API) are filled in. Safe to run twice.
 */
export interface Step {
  readonly id: string;
  /** Below `scripts/`. */
  readonly script: string;
  /** Scripts that it hands on. */
  readonly handsOn?: readonly string[];
  readonly input?: Readonly<Record<string, unknown>>;
  /** Settings of the fleet file that it gets too, under the same names, where the fleet has them. */
  readonly settings?: readonly FleetSetting[];
  /** What it does is undone when pods start again: it runs at every boot too, and before `up` plans a cluster that lives. Only of `steps`. */
  readonly onBoot?: true;
  /** Left out in a cluster where no component provides this slot. @default - it runs in every cluster that has the component */
  readonly onlyWith?: Slot;
}

/** What a fleet file may say to scripts of components. `unsealCommand`: words of a program that keeps the keys of a store that seals itself. */
export type FleetSetting = 'unsealCommand';

/** One thing that can be installed, as frozen data. Keys come in this order, only those that are needed. */
export interface Component {
  /** File name, Helm release name, construct id and key of `values/<id>.yaml`. */
  readonly id: string;
  readonly summary: string;
  /** Roles that get it by default; a fleet adds or removes by name. */
  readonly roles: readonly Role[];
  /** Roles that must not have it, not even when a fleet asks. */
  readonly never?: readonly Role[];
  readonly namespace: ComponentNamespace;
  /** What of the seeds it stands in for, and why. */
  readonly insteadOf?: { readonly what: string; readonly because: string };
  readonly chart?: { readonly repository: string; readonly name: string; readonly version: string };
  readonly provides?: readonly Slot[];
  /** What kubeadm would otherwise install. */
  readonly replaces?: readonly 'kube-proxy'[];
  /** Same cluster, before me, must be there. */
  readonly requires?: readonly (Component | Slot)[];
  /** Same cluster, before me if it is there. */
  readonly after?: readonly (Component | Slot)[];
  /** Components of the hub whose `serves` I use. No order, except on the hub itself, where it means `after`. */
  readonly reaches?: readonly (Component | Slot)[];
  readonly serves?: readonly FleetService[];
  readonly traffic?: Traffic;
  /** What the machines' network must be able to do. */
  readonly needs?: readonly Feature[];
  /** Custom resource definitions that are there once it is ready, `<plural>.<group>`. */
  readonly crds?: readonly string[];
  /** By role; a role that it is never installed in is left out. */
  readonly requests?: Readonly<Partial<Record<Role, Requests>>>;
  /** By role; only where it waits for another cluster. */
  readonly buffers?: Readonly<Partial<Record<Role, readonly BufferDemand[]>>>;
  readonly secrets?: readonly SecretDemand[];
  /** @default 300 */
  readonly timeoutSeconds?: number;
  /** Values that a contract of the fleet depends on: a fleet that sets one otherwise is refused; `null` for what `values` computes. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  readonly values?: (context: ComponentContext) => Readonly<Record<string, unknown>>;
  readonly resources?: (context: ComponentContext) => readonly Manifest[];
  /** In this order, after the release and before `ready`. */
  readonly steps?: readonly Step[];
  /**
   * Of a component of the hub: scripts that let another cluster in, run once for each agent, when the hub's platform and all clusters are there. `cluster` is
   * the one that has the component, `client` the other one, of which the words speak here.
   */
  readonly links?: readonly Step[];
  readonly ready?: readonly Condition[];
  readonly checks?: readonly Check[];
}

/** The component, deeply frozen. Throws when an edge is undefined: two component files import each other. */
export function defineComponent<const C extends Component>(component: C): Component {
  for (const edge of ['requires', 'after', 'reaches'] as const) {
    if (component[edge]?.some((target) => target === undefined)) {
      throw new Error(`component "${component.id}": "${edge}" holds an undefined entry, two component files import each other`);
    }
  }
  return deepFreeze(component);
}

/** Freezes a plain value through and through, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
