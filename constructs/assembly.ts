import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ITerraformDependable } from 'cdktf';
import type { Component, ComponentContext, Slot } from '../components/define';
import { packageRoot } from '../config/package-root';
import { servicesHere, servingOf } from '../model/fleet-services';
import { fillers } from '../model/install-order';
import { refuse, UserError } from '../model/props/problem';
import { resolveComponents } from '../model/resolve-components';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { agreedOn, componentsOf, type Part, specOf } from './assembly-parts';
import { setRules } from './assembly-rules';
import type { ComponentSet, Held } from './component-set';

const assemblies = new WeakMap<ComponentSet, Assembly>();

/**
 * What constructs put into one set. It is resolved as a whole, so that who was made first decides nothing: neither edges, nor what a component sees of the others,
 * nor whose tuning a component gets that two of them need.
 */
export class Assembly {
  private parts: readonly Part[] = [];
  private known: readonly ResolvedComponent[] | null = null;

  private constructor(private readonly set: ComponentSet) {
    set.addAtSynthesis(() => this.conclude());
  }

  public static of(set: ComponentSet): Assembly {
    const known = assemblies.get(set) ?? new Assembly(set);
    assemblies.set(set, known);
    return known;
  }

  /** @throws Error when the set is of another cluster, or the part contradicts another one */
  public add(part: Part): void {
    const parts = [...this.parts, part].sort(byPath);
    agreedOn(this.set, parts);
    this.parts = parts;
    this.known = null;
  }

  /** Of all parts, with whatever they require by name, by id. */
  public get components(): readonly Component[] {
    const there = new Set(this.set.components.map(({ id }) => id));
    return componentsOf(this.parts).filter(({ id }) => !there.has(id));
  }

  /** As far as is known by now, in install order: what is added later may change values and edges. */
  public resolved(): readonly ResolvedComponent[] {
    this.known ??= this.resolve();
    return this.known;
  }

  private conclude(): readonly Held[] {
    this.known = null;
    const resolved = this.resolved();
    const { components } = this;
    const place = agreedOn(this.set, this.parts);
    const strangers = this.strangers();
    const wanted = [...this.parts.flatMap((part) => part.wanted), ...strangers];
    const broken = setRules(place, wanted, [...components, ...strangers]);
    refuse(this.set.node.path, broken);
    const everything = { resolved, components, others: this.set.components };
    const more = this.parts.flatMap(({ conclude }) => conclude?.(everything) ?? []);
    return [
      ...resolved.map((component) => ({ component, after: this.after(component.id) })),
      ...more.map((component) => ({ component, after: [] })),
    ];
  }

  /** What every part waits for that needs the component. */
  private after(id: string): readonly ITerraformDependable[] {
    return this.parts.filter((part) => componentsOf([part]).some((one) => one.id === id)).flatMap(({ props }) => props.after ?? []);
  }

  private resolve(): readonly ResolvedComponent[] {
    const place = agreedOn(this.set, this.parts);
    const { cluster, clusters, domain, kubernetesVersion } = place;
    const { components } = this;
    const here = [...components, ...this.strangers()];
    const context: ComponentContext = {
      cluster,
      nodes: cluster.nodes,
      clusters,
      hub: clusters.find(({ role }) => role === 'hub') ?? null,
      domain,
      kubernetesVersion,
      has: (target: Component | Slot) => fillers(target, here).length > 0,
      file: (path) => readFile(path) ?? fail(`there is no ${path} in Flotilla's package`),
    };
    const spec = specOf(place, here);
    const serving = cluster.role === 'agent' ? [] : servingOf(components);
    // Known to those that reach them, and not installed here.
    const away = this.parts.flatMap((part) => part.reached ?? []).filter(({ id }) => !here.some((one) => one.id === id));
    const catalog = [...here, ...new Map(away.map((one) => [one.id, { ...one, roles: [] }])).values()];
    return resolveComponents(spec, catalog, context, readFile)
      .filter(({ id }) => components.some((one) => one.id === id))
      .map((component) => {
        const served = serving.find((one) => one.component.id === component.id);
        // Agents find them by their names, through a mesh.
        return served === undefined
          ? component
          : { ...component, resources: [...component.resources, ...servicesHere(served, { by: 'mesh' })] };
      })
      .map((component) => this.changed(component));
  }

  /** With the word of every part on it, as long as these do not contradict each other. */
  private changed(component: ResolvedComponent): ResolvedComponent {
    const touching = this.parts.filter(({ change }) => change(component) !== component);
    const after = (parts: readonly Part[]): ResolvedComponent => parts.reduce((one, { change }) => change(one), component);
    const result = after(touching);
    if (touching.length > 1 && JSON.stringify(result) !== JSON.stringify(after([...touching].reverse())))
      fail(
        `${touching.map(({ scope }) => scope.node.path).join(' and ')} want "${component.id}" differently, and their set has it once: make them agree`,
      );
    return result;
  }

  /** What is in the set by itself, as far as others can depend on it. */
  private strangers(): readonly Component[] {
    return this.set.components.map(({ id, provides = [], namespace: { podSecurity, ...namespace } }) => ({
      id,
      summary: id,
      roles: [],
      namespace: { ...namespace, ...(podSecurity === null ? {} : { podSecurity }) },
      provides,
    }));
  }
}

/** The same whichever construct is made first. */
function byPath({ scope: { node: left } }: Part, { scope: { node: right } }: Part): number {
  if (left.path === right.path) return 0;
  return left.path < right.path ? -1 : 1;
}

function readFile(path: string): string | null {
  const file = join(packageRoot(), path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function fail(message: string): never {
  throw new UserError(message);
}
