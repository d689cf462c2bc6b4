import type { FleetProblem } from '../../config/problem';
import { type Claim, collisions, nodePortsIn, objectName } from '../claims';
import type { ResolvedCluster, ResolvedComponent, ResolvedFleet } from '../resolved-fleet';
import { everyObjectOf } from './objects';

/**
 * A port of the nodes, and an object by its name, belong to one release of a cluster: the API refuses the second one that asks for the port, and Helm an object
 * that another release has made. What only charts know of is seen by `flotilla charts verify`.
 */
export function oneClaimant({ clusters }: Pick<ResolvedFleet, 'clusters'>): readonly FleetProblem[] {
  return clusters.flatMap((cluster, index) =>
    collisions(claimsOf(cluster)).map(({ what, by }) => ({
      id: 'one-claimant',
      path: ['clusters', index, 'components'],
      value: what,
      rule: `is asked for by ${by.join(' and ')} of cluster "${cluster.name}", and only one can have it`,
      remedy: what.startsWith('port ')
        ? `leave one of them out of the cluster, or give one another port: components.values of the fleet file, or components/${by.at(-1)}.ts`
        : `leave one of them out of the cluster, or give one's object another name, in components/${by.at(-1)}.ts`,
    })),
  );
}

const claimsOf = ({ components }: Pick<ResolvedCluster, 'components'>): readonly Claim[] =>
  components.flatMap((component) => claimed(component).map((what) => ({ what, by: component.id })));

/** What a component's own data ask for, known without its chart. */
export function claimed(component: Pick<ResolvedComponent, 'values' | 'resources' | 'namespace'>): readonly string[] {
  const names = everyObjectOf(component).flatMap((object) => objectName(object, component.namespace.name) ?? []);
  return [...nodePortsIn([component.values, component.resources]), ...names];
}
