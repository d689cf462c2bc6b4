import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/** A component that must not be in clusters of a role is not, whoever asks for it. */
export const forbiddenRole: Rule = {
  id: 'forbidden-role',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      const { components } = selectComponents(cluster, catalog);
      return components
        .filter(({ never }) => never?.includes(cluster.role))
        .map(({ id }) => {
          const index = cluster.components.add.indexOf(id);
          const needing = components.filter(({ requires }) => requires?.some((target) => typeof target !== 'string' && target.id === id));
          const unwanted = index >= 0 ? [id] : needing.map((one) => one.id);
          return {
            path: [...cluster.path, 'components', 'add', ...(index >= 0 ? [index] : [])],
            value: index >= 0 ? id : undefined,
            rule: `${id} must not be in cluster "${cluster.name}", which is of role ${cluster.role}`,
            remedy: `drop ${unwanted.join(', ')} from its components, or add it to a cluster of another role`,
          };
        });
    }),
};
