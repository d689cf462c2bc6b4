import type { Component, Slot } from '../components/define';
import { findCycle, withoutIndirect } from './graph';

/** One component with the ids of those that go before it, transitively reduced. */
export interface OrderedComponent {
  readonly component: Component;
  readonly dependsOn: readonly string[];
}

/** The first component of a ring that wait for each other, named twice: `a -> b -> a`. */
export class InstallCycle extends Error {
  constructor(readonly ring: readonly string[]) {
    super(`components wait for each other: ${ring.join(' -> ')}`);
  }
}

/**
 * Sorts so that everything comes after what it waits for; otherwise in the order given.
 * @param reachesHere whether what a component reaches is in the same cluster, where it goes before it
 * @throws InstallCycle
 */
export function installOrder(components: readonly Component[], reachesHere = false): readonly OrderedComponent[] {
  const waitsFor = new Map(components.map((component) => [component.id, predecessors(component, components, reachesHere)]));
  const cycle = findCycle(waitsFor);
  if (cycle !== null) throw new InstallCycle(cycle);
  const ordered: Component[] = [];
  const done = new Set<string>();
  while (ordered.length < components.length) {
    const next = components.find(({ id }) => !done.has(id) && waitsFor.get(id)!.every((before) => done.has(before)))!;
    ordered.push(next);
    done.add(next.id);
  }
  const position = new Map(ordered.map(({ id }, index) => [id, index]));
  return ordered.map((component) => ({
    component,
    dependsOn: withoutIndirect(waitsFor, waitsFor.get(component.id)!).sort((left, right) => position.get(left)! - position.get(right)!),
  }));
}

/** The components of a set that fill one entry of `requires` or `after`. */
export function fillers(target: Component | Slot, components: readonly Component[]): readonly Component[] {
  return components.filter((component) =>
    typeof target === 'string' ? (component.provides ?? []).includes(target) : component.id === target.id,
  );
}

function predecessors(component: Component, components: readonly Component[], reachesHere: boolean): readonly string[] {
  const targets = [...(component.requires ?? []), ...(component.after ?? []), ...(reachesHere ? (component.reaches ?? []) : [])];
  const ids = targets.flatMap((target) => fillers(target, components).map(({ id }) => id));
  return [...new Set(ids)].filter((id) => id !== component.id);
}
