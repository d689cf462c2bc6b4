import { clusterCidrs, highestDefaultId } from '../addressing';
import { clustersOf, type Rule } from './rule';

/** Default CIDRs are made from the id, which works for the first fifty. */
export const cidrDefault: Rule = {
  id: 'cidr-default',
  check: ({ spec }) =>
    clustersOf(spec).flatMap((cluster) =>
      (['podCidr', 'serviceCidr'] as const)
        .filter((field) => clusterCidrs(cluster)[field] === null)
        .map((field) => ({
          path: [...cluster.path, 'id'],
          value: cluster.id,
          rule: `has no default ${field}: those end at id ${highestDefaultId}`,
          remedy: `write ${field}, or take an id up to ${highestDefaultId}`,
        })),
    ),
};
