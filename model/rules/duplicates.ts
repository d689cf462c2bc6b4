import { formatPath } from '../../config/problem';
import { hostPortOf } from '../host-ports';
import { allNodes, clustersOf, type Rule } from './rule';

interface Claim {
  readonly path: readonly (string | number)[];
  readonly value: string | number;
}

/** Names of clusters and nodes, ids, addresses and ports of the host are each held once in a fleet. */
export const duplicates: Rule = {
  id: 'duplicates',
  check: ({ spec }) => {
    const clusters = clustersOf(spec);
    const nodes = allNodes(spec);
    const field = (items: readonly { readonly path: readonly (string | number)[] }[], key: string): Claim[] =>
      items.flatMap((item) => {
        const value = (item as unknown as Record<string, string | number | undefined>)[key];
        return value === undefined ? [] : [{ path: [...item.path, key], value }];
      });
    const ports: Claim[] = [
      { path: ['registry', 'port'], value: spec.registry.port },
      ...clusters.flatMap(({ path, hostPorts }) =>
        hostPorts.map((value, index) => ({ path: [...path, 'hostPorts', index], value: hostPortOf(value) })),
      ),
    ];
    return [
      ...twice(ports, 'take another port of the host'),
      ...twice(field(clusters, 'name'), 'rename one of the two clusters'),
      ...twice(field(clusters, 'id'), 'give each cluster an id of its own, 1 to 255'),
      ...twice(field(nodes, 'name'), 'machines are named after nodes, so rename one of the two (e.g. <cluster>-worker-2)'),
      ...twice(field(nodes, 'address'), 'change one of the two, or leave addresses out'),
    ];
  },
};

function twice(claims: readonly Claim[], remedy: string) {
  return claims.flatMap(({ path, value }, index) => {
    const first = claims.slice(0, index).find((earlier) => earlier.value === value);
    return first ? [{ path, value, rule: `is taken by ${formatPath(first.path)}`, remedy }] : [];
  });
}
