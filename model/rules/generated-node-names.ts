import type { FleetChange } from '../../config/change';
import { clustersOf, nodesOf, type PlacedNode, type Rule } from './rule';

/** A cluster that is brought has machines whose names the provider makes: the fleet must use those, or nobody finds a node again. */
export const broughtNames: Rule = {
  id: 'brought-names',
  check: ({ spec, provider }) => {
    if (provider?.brings !== 'clusters') return [];
    return clustersOf(spec).flatMap((cluster) => {
      const nodes = nodesOf(cluster);
      const brought = nodes.map((node) => nameOf(node, cluster.name, nodes));
      const own = nodes.map(({ name }) => name);
      if (brought.every((name) => own.includes(name))) return [];
      const changes: FleetChange[] = nodes.flatMap(({ path, name }, index) =>
        name === brought[index] ? [] : [{ path: [...path, 'name'], value: brought[index] }],
      );
      const remedy = `write ${brought.join(', ')}`;
      const rule = `cluster "${cluster.name}" of ${provider.id} has nodes with names of their own: ${own.filter((name) => !brought.includes(name)).join(', ')}`;
      return [{ path: [...cluster.path, 'nodes'], value: undefined, rule, remedy, waysOut: [{ remedy, changes }] }];
    });
  },
};

/** kind counts per role, from the second on. */
function nameOf(node: PlacedNode, cluster: string, nodes: readonly PlacedNode[]): string {
  const index = nodes.filter(({ role }) => role === node.role).indexOf(node);
  return `${cluster}-${node.role}${index === 0 ? '' : index + 1}`;
}
