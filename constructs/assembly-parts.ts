import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Component, ContextCluster } from '../components/define';
import { UserError } from '../model/props/problem';
import type { resolveComponents } from '../model/resolve-components';
import type { ResolvedComponent } from '../model/resolved-fleet';
import type { ComponentSet, ComponentSetProps, SetComponent } from './component-set';

export type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a construct has to know of the cluster that it installs a part of a platform on. */
export interface InstallationProps extends Pick<ComponentSetProps, 'chartMirror' | 'prefix' | 'providers'> {
  /** Where its components go, in order with those of other constructs that are given the same one, whichever is made first. @default - a set of its own */
  readonly set?: ComponentSet;
  /** Six hex digits: a label of the namespaces and Secrets that are made. */
  readonly uid: string;
  /** Known at synthesis, but for its API server, its pool and the addresses of its nodes, which may be cdktf tokens. */
  readonly cluster: ContextCluster;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** Those that the cluster works together with. @default - none */
  readonly others?: readonly ContextCluster[];
  /** DNS domain of the fleet. */
  readonly domain: string;
  readonly kubernetesVersion: string;
  /** Laid over Flotilla's values, by the component's id. A value may be a cdktf token; a key or a secret may not. @default - Flotilla's values */
  readonly values?: Values;
  /** Names of secret values that a person brings in `secrets/brought/<name>`, by the component's id: keys of its Secret `<id>-brought`. @default - none */
  readonly brought?: Readonly<Record<string, readonly string[]>>;
  /** What everything waits for. @default - nothing */
  readonly after?: readonly ITerraformDependable[];
}

/** Everything of a set, when all have spoken. */
export interface Everything {
  /** What the constructs have put there, as it is installed. */
  readonly resolved: readonly ResolvedComponent[];
  readonly components: readonly Component[];
  /** What was in the set by itself, resolved by somebody else. */
  readonly others: readonly SetComponent[];
}

/** What one construct puts into a set. */
export interface Part {
  readonly scope: Construct;
  readonly props: InstallationProps;
  readonly wanted: readonly Component[];
  /** The last word on a component. */
  readonly change: (component: ResolvedComponent) => ResolvedComponent;
  /** Of the hub, where the cluster is an agent: what components here may reach. */
  readonly reached?: readonly Component[];
  /** Said when all have spoken: what follows from all that is there. @throws Error when something must not be there */
  readonly conclude?: (everything: Everything) => readonly ResolvedComponent[];
}

type ClusterSpec = Parameters<typeof resolveComponents>[0];

/** What the parts are about, together. */
export interface Place extends Pick<InstallationProps, 'cluster' | 'domain' | 'kubernetesVersion'> {
  /** The cluster and all others, each once. */
  readonly clusters: readonly ContextCluster[];
  readonly values: Values;
  readonly brought: Readonly<Record<string, readonly string[]>>;
}

/** All that the parts want and require by name, by id. @throws Error when two different ones have the same id */
export function componentsOf(parts: readonly Part[]): readonly Component[] {
  const wanted = parts.flatMap((part) => part.wanted.map((component) => ({ component, scope: part.scope })));
  const found = new Map<string, Component>();
  for (const { component, scope } of wanted) {
    const { id } = component;
    if ((found.get(id) ?? component) !== component)
      throw new UserError(`${scope.node.path} brings a "${id}" that is another one than that of its set: leave one of them out`);
    found.set(id, component);
  }
  // A Map is iterated including what is added on the way. What is wanted by itself stands in for what others require under its id.
  for (const { requires = [] } of found.values())
    for (const target of requires) if (typeof target !== 'string' && !found.has(target.id)) found.set(target.id, target);
  return [...found.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** @throws Error with whatever the parts and the set say differently */
export function agreedOn(set: ComponentSet, parts: readonly Part[]): Place {
  const [first] = parts;
  for (const part of parts) {
    const { scope, props } = part;
    const theirs = { ...set.props, helm: set.props.providers?.helm, kubernetes: set.props.providers?.kubernetes };
    const ours = { ...props, cluster: props.cluster.name, ...props.providers };
    const quarrels = [
      ...different(scope, `the set ${set.node.path}`, theirs, ours, [
        'uid',
        'cluster',
        'kubeconfig',
        'prefix',
        'chartMirror',
        'helm',
        'kubernetes',
      ]),
      ...different(scope, first!.scope.node.path, first!.props, props, ['cluster', 'domain', 'kubernetesVersion']),
      ...part.wanted
        .filter(({ id }) => set.components.some((one) => one.id === id))
        .map(({ id }) => `${scope.node.path} installs "${id}", which the set ${set.node.path} has by itself: leave it out there`),
    ];
    if (quarrels.length > 0) throw new UserError(quarrels.join('\n'));
  }
  const { cluster, domain, kubernetesVersion } = first!.props;
  const clusters = new Map([[cluster.name, cluster]]);
  const values = new Map<string, Readonly<Record<string, unknown>>>();
  const brought = new Map<string, readonly string[]>();
  for (const { scope, props } of parts) {
    // Two of one name in one list are for the construct to judge; a set has each once.
    for (const other of props.others ?? []) keep(scope, `cluster "${other.name}"`, clusters, other.name, other);
    for (const [id, tuned] of Object.entries(props.values ?? {})) keep(scope, `values of "${id}"`, values, id, tuned);
    // Names, and each construct may want its own.
    for (const [id, names] of Object.entries(props.brought ?? {})) brought.set(id, [...new Set([...(brought.get(id) ?? []), ...names])]);
  }
  return {
    cluster,
    domain,
    kubernetesVersion,
    clusters: [...clusters.values()],
    values: Object.fromEntries(values),
    brought: Object.fromEntries(brought),
  };
}

function different(scope: Construct, who: string, theirs: object, ours: object, keys: readonly string[]): readonly string[] {
  const of = (one: object, key: string): unknown => (one as Readonly<Record<string, unknown>>)[key];
  // Providers are constructs, and no text.
  const text = (value: unknown): unknown => (Construct.isConstruct(value) ? value : JSON.stringify(value));
  return keys
    .filter((key) => of(ours, key) !== undefined && text(of(theirs, key)) !== text(of(ours, key)))
    .map((key) => `${scope.node.path} says another ${key} than ${who}: give both the same, or each a set of its own`);
}

function keep<T>(scope: Construct, what: string, all: Map<string, T>, key: string, value: T): void {
  const known = all.get(key);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value))
    throw new UserError(`${scope.node.path} says something else of ${what} than another construct of its set: make them agree`);
  all.set(key, value);
}

/** The cluster as a fleet file would say it, as far as rules and resolving read that. @param wanted what those require comes along */
export function specOf({ cluster, values, brought }: Place, wanted: readonly Component[]): ClusterSpec {
  const asked = { add: wanted.map(({ id }) => id), remove: [], values, secrets: brought };
  return { ...cluster, components: asked } as unknown as ClusterSpec;
}
