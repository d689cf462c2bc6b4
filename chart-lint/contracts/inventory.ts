import { objectName } from '../../model/claims';
import { at } from '../../model/contracts/objects';
import { limitsName } from '../../model/names';
import type { ResolvedComponent } from '../../model/resolved-fleet';
import { everyContainer } from '../containers';
import { operatorsMake } from './made-by-operators';
import type { Loose, Thing } from './object';

export type { Loose, Thing } from './object';

/** What of a component is looked at here. */
export type Owner = Pick<
  ResolvedComponent,
  'id' | 'namespace' | 'chart' | 'dependsOn' | 'ready' | 'checks' | 'serves' | 'secrets' | 'crds' | 'values'
>;

/** A release of a cluster with all that it makes, as far as that is known. */
export interface Release {
  readonly component: Owner;
  /** Of its chart and of its own `resources`, but for definitions. */
  readonly objects: readonly Loose[];
  /** Names of the definitions that it brings. */
  readonly definitions: readonly string[];
  /** Its chart is not here, or does not render: what it makes is not known. */
  readonly isUnknown: boolean;
}

export interface Container {
  readonly name: string;
  readonly ports: readonly { readonly name?: string; readonly number: number }[];
}

/** The pods of one workload. */
export interface Pods {
  readonly by: string;
  /** `Deployment/web` */
  readonly workload: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly isOnHostNetwork: boolean;
  readonly spec: Loose;
}

export interface Inventory {
  readonly releases: readonly Release[];
  readonly things: readonly Thing[];
  readonly pods: readonly Pods[];
}

/** What is in a cluster when all its releases are: what they render, what controllers and operators make of that. @param wide kinds in no namespace */
export function inventoryOf(releases: readonly Release[], wide: ReadonlySet<string>): Inventory {
  const things = releases.flatMap(({ component, objects, definitions }) => {
    const own = objects.flatMap((object) => thingOf(object, component, wide) ?? []);
    const theirs = operatorsMake(own).flatMap((object) => thingOf(object, component, wide) ?? []);
    const crds = definitions.map((name) => definition(name, component.id));
    return [...own, ...theirs, ...crds, ...guards(component)];
  });
  return { releases, things: [...things, ...things.flatMap(ofStatefulSet)], pods: things.flatMap(podsOf) };
}

/** What a namespace gets beside its releases (constructs/component-namespaces.ts). */
function guards({ id: by, namespace: { name: namespace, podSecurity, limits, quota } }: Owner): readonly Thing[] {
  if (podSecurity === null) return [];
  const kinds = [...(limits ? ['LimitRange'] : []), ...(quota ? ['ResourceQuota'] : [])];
  return kinds.map((kind) => ({ by, kind, group: '', namespace, name: limitsName, object: {} }));
}

const definition = (name: string, by: string): Thing => ({
  by,
  kind: 'CustomResourceDefinition',
  group: 'apiextensions.k8s.io',
  namespace: '',
  name,
  object: {},
});

function thingOf(object: Loose, { id, namespace }: Owner, wide: ReadonlySet<string>): Thing | null {
  const full = objectName(object, namespace.name, wide);
  if (full === null) return null;
  const place = full.slice(full.indexOf(' ') + 1).split('/');
  const [group, version] = String(object.apiVersion).split('/');
  return {
    by: id,
    kind: String(object.kind),
    group: version === undefined ? '' : group!,
    namespace: place.length > 1 ? place[0]! : '',
    name: place.at(-1)!,
    object,
  };
}

/** Its pods and claims have names that people and checks use. */
function ofStatefulSet({ by, kind, namespace, name, object }: Thing): readonly Thing[] {
  if (kind !== 'StatefulSet') return [];
  const claims = listAt(object, 'spec', 'volumeClaimTemplates').map((claim) => `${String(at(claim, 'metadata', 'name'))}-`);
  return Array.from({ length: Number(at(object, 'spec', 'replicas') ?? 1) }).flatMap((_, index) => [
    { by, kind: 'Pod', group: '', namespace, name: `${name}-${index}`, object: (at(object, 'spec', 'template') ?? {}) as Loose },
    ...claims.map((claim) => ({ by, kind: 'PersistentVolumeClaim', group: '', namespace, name: `${claim}${name}-${index}`, object: {} })),
  ]);
}

const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod']);

/** Where a workload keeps what its pods look like. */
function templateOf({ kind, object }: Thing): Loose | null {
  if (!workloads.has(kind)) return null;
  if (kind === 'Pod') return object;
  const spec = kind === 'CronJob' ? at(object, 'spec', 'jobTemplate', 'spec') : object.spec;
  return (at(spec, 'template') ?? null) as Loose | null;
}

function podsOf(thing: Thing): readonly Pods[] {
  const template = templateOf(thing);
  const spec = at(template, 'spec') as Loose | undefined;
  if (spec === undefined) return [];
  return [
    {
      by: thing.by,
      workload: `${thing.kind}/${thing.name}`,
      namespace: thing.namespace,
      labels: (at(template, 'metadata', 'labels') ?? {}) as Loose,
      containers: everyContainer(spec).map(containerOf),
      isOnHostNetwork: spec.hostNetwork === true,
      spec,
    },
  ];
}

export const containersOf = (thing: Thing): readonly string[] =>
  podsOf(thing).flatMap(({ containers }) => containers.map(({ name }) => name));

const containerOf = (container: unknown): Container => ({
  name: String(at(container, 'name')),
  ports: listAt(container, 'ports').map((port) => ({
    number: Number(at(port, 'containerPort')),
    ...(typeof at(port, 'name') === 'string' ? { name: at(port, 'name') as string } : {}),
  })),
});

/** A list by its path, empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Whether labels have all that a selector asks for. */
export const matches = (labels: Readonly<Record<string, unknown>>, selector: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Numbers of a port, told by number or by name; none when no container has it. */
export const portsNamed = ({ containers }: Pods, port: number | string): readonly number[] =>
  containers.flatMap(({ ports }) => ports.flatMap(({ name, number }) => (name === port || number === port ? [number] : [])));
