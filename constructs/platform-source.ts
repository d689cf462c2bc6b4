import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Component, ContextCluster } from '../components/define';
import type { StepInputs, Values } from '../model/platform-request';
import type { ResolvedComponent } from '../model/resolved-fleet';

/** What one construct adds to a platform. */
export interface Contribution {
  readonly scope: Construct;
  readonly components: readonly Component[];
  /** Helm values by component id. @default - those of the components */
  readonly values?: Values;
  /** Additional script input by component id and step id. @default - none */
  readonly stepInputs?: StepInputs;
  /** Names of user-supplied secrets by component id. @default - none */
  readonly userSecrets?: Readonly<Record<string, readonly string[]>>;
  /** Components of the hub whose services an agent reaches. @default - those that its components use by name */
  readonly hubComponents?: readonly Component[];
  /** What its components start after, beside what they require. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** Where the components of a platform come from: a resolved fleet, or the props of a foreign app. */
export interface PlatformSource {
  readonly uid: string;
  readonly cluster: ContextCluster;
  readonly clusters: readonly ContextCluster[];
  readonly domain: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** Whether a component is installed even if no construct adds it. */
  installs(id: string): boolean;
  /** Whether a component that a construct adds is installed. */
  mayInstall(id: string): boolean;
  /** @throws Error when contributions contradict each other or the fleet file */
  check(contributions: readonly Contribution[]): void;
  /** @throws Error with every rule and contract that the platform breaks */
  resolve(contributions: readonly Contribution[]): readonly ResolvedComponent[];
}

/** Components with everything that they require by name, sorted by id. @throws Error when two different components have the same id */
export function closureOf(components: readonly Component[]): readonly Component[] {
  const found = new Map<string, Component>();
  for (const component of components) {
    const { id } = component;
    if ((found.get(id) ?? component) !== component) throw new Error(`two different components have the id "${id}": rename one of them`);
    found.set(id, component);
  }
  // Iterating over a Map includes entries that are added meanwhile. A component that is added directly replaces a required one of the same id.
  for (const { requires = [] } of found.values())
    for (const target of requires) if (typeof target !== 'string' && !found.has(target.id)) found.set(target.id, target);
  return [...found.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
}
