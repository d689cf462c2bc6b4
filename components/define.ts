import type { Feature } from '../machines/define';

export type PodSecurity = 'privileged' | 'baseline' | 'restricted';

/** What another component can provide and a component can require without naming who provides it. */
export const slots = ['cni', 'storage', 'load-balancer', 'object-store', 'issuer'] as const;
export type Slot = (typeof slots)[number];

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What a gate waits for before anything that needs the component starts. */
export type Condition =
  | { readonly kind: 'nodes-ready' }
  | { readonly kind: 'rollout'; readonly namespace: string; readonly resource: string }
  | { readonly kind: 'condition'; readonly namespace?: string; readonly resource: string; readonly condition: string };

/** A question about the running cluster, with what to look at when the answer is no. */
export interface Check {
  readonly description: string;
  readonly command: readonly string[];
  readonly hint: string;
}

/** What a component may know of the cluster that it is installed in. */
export interface ComponentContext {
  readonly cluster: { readonly name: string; readonly id: number; readonly podCidr: string; readonly serviceCidr: string };
  readonly nodes: readonly { readonly name: string; readonly role: 'control-plane' | 'worker'; readonly address: string }[];
  readonly domain: string;
  readonly kubernetesVersion: string;
  /** The text of a file of the repository, by its path from the root. */
  readonly file: (path: string) => string;
}

export type Role = 'hub' | 'agent' | 'standalone';

/** One thing that can be installed, as frozen data. Keys come in this order, only those that are needed. */
export interface Component {
  /** File name, Helm release name, construct id and key of `values/<id>.yaml`. */
  readonly id: string;
  readonly summary: string;
  /** Roles that get it by default; a fleet adds or removes by name. */
  readonly roles: readonly Role[];
  readonly namespace: { readonly name: string; readonly podSecurity?: PodSecurity };
  readonly chart?: { readonly repository: string; readonly name: string; readonly version: string };
  readonly provides?: readonly Slot[];
  /** What kubeadm would otherwise install. */
  readonly replaces?: readonly 'kube-proxy'[];
  /** Same cluster, before me, must be there. */
  readonly requires?: readonly (Component | Slot)[];
  /** Same cluster, before me if it is there. */
  readonly after?: readonly (Component | Slot)[];
  /** What the machines' network must be able to do. */
  readonly needs?: readonly Feature[];
  readonly crds?: readonly string[];
  /** @default 300 */
  readonly timeoutSeconds?: number;
  readonly values?: (context: ComponentContext) => Readonly<Record<string, unknown>>;
  readonly resources?: (context: ComponentContext) => readonly Manifest[];
  readonly ready?: readonly Condition[];
  readonly checks?: readonly Check[];
}

/** The component, deeply frozen. Throws when an edge is undefined: two component files import each other. */
export function defineComponent<const C extends Component>(component: C): Component {
  for (const edge of ['requires', 'after'] as const) {
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
