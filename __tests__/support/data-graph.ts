import type { Component, Slot } from '../../components/define';
import type { ResolvedCluster } from '../../model/resolved-fleet';

/** Components of ours that are made for a cluster and not in the catalog: what waits for everything, and what waits for nothing. */
const last = 'default-deny';
const isWay = (id: string): boolean => id.endsWith('-fleet');

const fills = (target: Component | Slot, component: Component): boolean =>
  typeof target === 'string' ? (component.provides ?? []).includes(target) : component.id === target.id;

/**
 * What the component files say of a cluster's order, `a <- b` each, transitively reduced. On purpose another way than the model's: the closure of all pairs
 * first, then every edge that no detour replaces.
 */
export function dataEdges(
  { role, components }: Pick<ResolvedCluster, 'role' | 'components'>,
  catalog: readonly Component[],
): readonly string[] {
  const ids = components.map(({ id }) => id);
  const here = catalog.filter(({ id }) => ids.includes(id));
  const says = ({ requires = [], after = [], reaches = [] }: Component) => [...requires, ...after, ...(role === 'agent' ? [] : reaches)];
  const waits = (from: string, to: string): boolean => {
    if (from === to || isWay(from)) return false;
    if (from === last) return true;
    const [a, b] = [from, to].map((id) => here.find((component) => component.id === id));
    return a !== undefined && b !== undefined && says(a).some((target) => fills(target, b));
  };
  const size = ids.length;
  const closure = ids.map((from) => ids.map((to) => waits(from, to)));
  for (let via = 0; via < size; via++)
    for (let from = 0; from < size; from++)
      if (closure[from]![via]) for (let to = 0; to < size; to++) closure[from]![to] ||= closure[via]![to]!;
  return ids
    .flatMap((from, a) =>
      ids.filter((_, b) => closure[a]![b] && !ids.some((__, via) => closure[a]![via] && closure[via]![b])).map((to) => `${from} <- ${to}`),
    )
    .sort();
}
