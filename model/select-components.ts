import type { Component } from '../components/define';
import type { ClusterSpec } from '../config/schema';

/** A component that is left out although another one needs it. */
export interface Conflict {
  readonly removed: string;
  readonly neededBy: string;
}

export interface Selection {
  /** In catalog order. */
  readonly components: readonly Component[];
  readonly conflicts: readonly Conflict[];
}

/** Every rule asks for the same cluster, and for every way out again. Nobody changes a wish once it is read. */
const known = new WeakMap<
  ClusterSpec['components'],
  { readonly role: string; readonly catalog: readonly Component[]; readonly selection: Selection }
>();

/** The role's set, plus what is added, minus what is removed, plus whatever those need by name. Unknown ids are passed over: a rule names them. */
export function selectComponents({ role, components: wish }: ClusterSpec, catalog: readonly Component[]): Selection {
  const before = known.get(wish);
  if (before?.role === role && before.catalog === catalog) return before.selection;
  const selection = select(role, wish, catalog);
  known.set(wish, { role, catalog, selection });
  return selection;
}

function select(role: ClusterSpec['role'], { add, remove }: ClusterSpec['components'], catalog: readonly Component[]): Selection {
  const removed = new Set(remove);
  const selected = new Set(catalog.filter(({ id, roles }) => (roles.includes(role) || add.includes(id)) && !removed.has(id)));
  const conflicts: Conflict[] = [];
  // A Set is iterated including what is added on the way: this closes over `requires`.
  for (const component of selected) {
    for (const target of component.requires ?? []) {
      if (typeof target === 'string') continue;
      if (removed.has(target.id)) conflicts.push({ removed: target.id, neededBy: component.id });
      else selected.add(target);
    }
  }
  const ids = new Set([...selected].map(({ id }) => id));
  return { components: catalog.filter(({ id }) => ids.has(id)), conflicts };
}
