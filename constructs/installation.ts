import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Component, ComponentContext, ContextCluster, Slot } from '../components/define';
import { packageRoot } from '../config/package-root';
import { servicesHere, servingOf } from '../model/fleet-services';
import { fillers } from '../model/install-order';
import { resolveComponents } from '../model/resolve-components';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { describeSecret, secretsIn } from '../model/secret-shapes';
import { ComponentSet, type ComponentSetProps } from './component-set';

/** What a construct has to know of the cluster that it installs a part of a platform on. */
export interface InstallationProps extends Pick<ComponentSetProps, 'chartMirror' | 'prefix' | 'providers'> {
  /** Where its components go, in order with those of other constructs that are given the same one. @default - a set of its own */
  readonly set?: ComponentSet;
  /** Six hex digits: a label of the namespaces and Secrets that are made. */
  readonly uid: string;
  readonly cluster: ContextCluster;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** Those that the cluster works together with. @default - none */
  readonly others?: readonly ContextCluster[];
  /** DNS domain of the fleet. */
  readonly domain: string;
  readonly kubernetesVersion: string;
  /** Laid over our values, by the component's id. @default - ours */
  readonly values?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Names of secret values that a person brings in `secrets/brought/<name>`, by the component's id: keys of its Secret `<id>-brought`. @default - none */
  readonly brought?: Readonly<Record<string, readonly string[]>>;
  /** What everything waits for. @default - nothing */
  readonly after?: readonly ITerraformDependable[];
}

export interface Installation {
  readonly set: ComponentSet;
  /** What was added, in install order. */
  readonly components: readonly ResolvedComponent[];
  readonly of: (component: Component) => ResolvedComponent;
  /** What stands for the component being there. */
  readonly end: (component: Component) => ITerraformDependable;
}

const installed = new WeakMap<ComponentSet, readonly Component[]>();

/**
 * Adds components to a set, with whatever they require by name, ordered among those that are in it.
 * @param change the last word on a component before it is added
 * @throws Error when a value looks like a secret
 */
export function install(
  scope: Construct,
  props: InstallationProps,
  wanted: readonly Component[],
  change: (component: ResolvedComponent) => ResolvedComponent = (component) => component,
): Installation {
  const { uid, cluster, kubeconfig, chartMirror, prefix, providers, after = [] } = props;
  refuseSecrets(scope, { values: props.values });
  const own = { uid, cluster: cluster.name, kubeconfig, components: [] };
  const optional = { ...(chartMirror ? { chartMirror } : {}), ...(prefix ? { prefix } : {}), ...(providers ? { providers } : {}) };
  const set = props.set ?? new ComponentSet(scope, 'components', { ...own, ...optional });
  const there = installed.get(set) ?? [];
  const added = new Set(wanted.filter(({ id }) => !there.some((one) => one.id === id)));
  // A Set is iterated including what is added on the way.
  for (const { requires = [] } of added)
    for (const target of requires) if (typeof target !== 'string' && !there.some(({ id }) => id === target.id)) added.add(target);
  const all = [...there, ...added];
  installed.set(set, all);
  const components = resolve(all, props)
    .filter(({ id }) => [...added].some((one) => one.id === id))
    .map(change);
  for (const component of components) set.add(component, after);
  const of = ({ id }: Component): ResolvedComponent =>
    components.find((one) => one.id === id) ?? fail(`${scope.node.path} does not install "${id}"`);
  return { set, components, of, end: ({ id }) => set.end(id) };
}

/** What goes into values goes into Terraform's state. */
export function refuseSecrets(scope: Construct, props: Readonly<Record<string, unknown>>): void {
  const found = secretsIn(props).map(describeSecret);
  if (found.length > 0) throw new Error(`${scope.node.path}: ${found.join('\n')}`);
}

function resolve(components: readonly Component[], props: InstallationProps): readonly ResolvedComponent[] {
  const { cluster, others = [], domain, kubernetesVersion, values = {}, brought = {} } = props;
  const clusters = [cluster, ...others];
  const context: ComponentContext = {
    cluster,
    nodes: cluster.nodes,
    clusters,
    hub: clusters.find(({ role }) => role === 'hub') ?? null,
    domain,
    kubernetesVersion,
    has: (target: Component | Slot) => fillers(target, components).length > 0,
    file: (path) => readFile(path) ?? fail(`there is no ${path} in Flotilla's package`),
  };
  const asked = { add: components.map(({ id }) => id), remove: [], values, secrets: brought };
  const spec = { ...cluster, components: asked } as unknown as Parameters<typeof resolveComponents>[0];
  const serving = cluster.role === 'agent' ? [] : servingOf(components);
  return resolveComponents(spec, components, context, readFile).map((component) => {
    const served = serving.find((one) => one.component.id === component.id);
    // Agents find them by their names, through a mesh.
    return served === undefined
      ? component
      : { ...component, resources: [...component.resources, ...servicesHere(served, { by: 'mesh' })] };
  });
}

function readFile(path: string): string | null {
  const file = join(packageRoot(), path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function fail(message: string): never {
  throw new Error(message);
}
