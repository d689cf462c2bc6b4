import type { Component } from '../../components/define';
import type { FleetSpec } from '../../config/schema';
import { requestsOf, shortages } from '../requests';
import { selectComponents } from '../select-components';
import { clustersOf, type PlacedCluster, type Rule } from './rule';

/** What components ask for by their requests fits the nodes that take workloads: what does not stays pending, and its release fails after minutes. */
export const requestsFit: Rule = {
  id: 'requests-fit',
  check: ({ spec, catalog }) =>
    spec.budget.overcommit
      ? []
      : clustersOf(spec).flatMap((cluster) => {
          const short = shortagesOf(cluster, catalog);
          if (short.length === 0) return [];
          const largest = [...selectComponents(cluster, catalog).components]
            .sort((left, right) => memoryOf(right, cluster) - memoryOf(left, cluster))
            .slice(0, 3);
          return [
            {
              path: [...cluster.path, 'nodes'],
              value: undefined,
              rule: `the components of cluster "${cluster.name}" ask for ${short.join(' and ')} that its nodes have for them`,
              remedy: `give its ${workersOf(cluster)} more, or remove some, the largest are ${largest.map((one) => `${one.id} (${memoryOf(one, cluster)} MiB)`).join(', ')}`,
            },
          ];
        }),
};

/** One sentence per cluster where the fleet takes that on itself. */
export function overcommitWarnings(spec: FleetSpec, catalog: readonly Component[]): readonly string[] {
  if (!spec.budget.overcommit) return [];
  return clustersOf(spec).flatMap((cluster) => {
    const short = shortagesOf(cluster, catalog);
    return short.length === 0 ? [] : [`overcommit: the components of ${cluster.name} ask for ${short.join(' and ')} that its nodes have`];
  });
}

const shortagesOf = (cluster: PlacedCluster, catalog: readonly Component[]): readonly string[] =>
  shortages(requestsOf(selectComponents(cluster, catalog).components, cluster.role, cluster.nodes));

const memoryOf = ({ requests }: Component, { role }: PlacedCluster): number => requests?.[role]?.memoryMiB ?? 0;

const workersOf = ({ nodes }: PlacedCluster): string =>
  nodes
    .filter(({ role }) => role === 'worker' || nodes.every((node) => node.role === 'control-plane'))
    .map(({ name }) => name)
    .join(', ');
