import { suggestion } from './nearest';
import { isTree } from './overlay';
import type { FleetProblem } from './problem';

type Tree = Record<string, unknown>;
type Named = Tree & { readonly name: string };

export interface FittedOverlay {
  /** The overlay without what does not fit the fleet. */
  readonly tree: unknown;
  readonly problems: readonly FleetProblem[];
}

/** Holds an overlay against the fleet that it is laid over: a name that the fleet does not have is most likely mistyped. */
export function fitOverlay(fleet: unknown, overlay: unknown): FittedOverlay {
  const problems: FleetProblem[] = [];
  const report = (path: FleetProblem['path'], value: unknown, rule: string, remedy: string): false => {
    problems.push({ id: 'overlay', path, value, rule, remedy });
    return false;
  };
  if (!isTree(overlay)) return { tree: overlay, problems };
  const { leaveOut, bringIn, clusters } = overlay;
  for (const id of keysOf(bringIn).filter((one) => keysOf(leaveOut).includes(one)))
    report(['bringIn', id], undefined, `${id} is brought in and left out (leaveOut)`, 'keep it in one of the two');
  const known = isTree(fleet) ? namedIn(fleet.clusters) : [];
  if (!Array.isArray(clusters) || known.length === 0) return { tree: overlay, problems };
  const fitting = clusters.flatMap((cluster: unknown, index) => {
    if (!isNamed(cluster)) return [cluster];
    const path = ['clusters', index];
    const under = known.find(({ name }) => name === cluster.name);
    const names = known.map(({ name }) => name);
    if (under === undefined)
      return report([...path, 'name'], cluster.name, 'is not a cluster of the fleet', suggestion(cluster.name, names)) || [];
    if (isRepeated(clusters, index)) return report([...path, 'name'], cluster.name, 'is named twice', 'put both entries into one') || [];
    if (!Array.isArray(cluster.nodes)) return [cluster];
    const own = namedIn(under.nodes).map(({ name }) => name);
    const nodes = cluster.nodes.filter((node: unknown, at) => {
      if (!isNamed(node)) return true;
      const place = [...path, 'nodes', at, 'name'];
      if (isRepeated(cluster.nodes as unknown[], at)) return report(place, node.name, 'is named twice', 'put both entries into one');
      if (own.includes(node.name) || ('role' in node && 'memoryMiB' in node)) return true;
      const remedy = `${suggestion(node.name, own)}; a new node needs its role and memoryMiB`;
      return report(place, node.name, `is not a node of cluster "${cluster.name}"`, remedy);
    });
    return [{ ...cluster, nodes }];
  });
  // An empty list would empty the fleet's own list of clusters, which would be reported as a second fault.
  const { clusters: _, ...others } = overlay;
  return { tree: fitting.length === 0 && clusters.length > 0 ? others : { ...overlay, clusters: fitting }, problems };
}

const keysOf = (value: unknown): readonly string[] => (isTree(value) ? Object.keys(value) : []);
const isNamed = (value: unknown): value is Named => isTree(value) && typeof value.name === 'string';
const namedIn = (list: unknown): readonly Named[] => (Array.isArray(list) ? list.filter(isNamed) : []);
const isRepeated = (list: readonly unknown[], index: number): boolean =>
  list.slice(0, index).some((earlier) => isNamed(earlier) && earlier.name === (list[index] as Named).name);
