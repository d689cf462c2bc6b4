import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/** What is removed is needed by nothing that stays. */
export const removedNeeded: Rule = {
  id: 'removed-needed',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      const { conflicts } = selectComponents(cluster, catalog);
      return cluster.components.remove.flatMap((id, index) => {
        const path = [...cluster.path, 'components', 'remove', index];
        const needing = conflicts.filter(({ removed }) => removed === id).map(({ neededBy }) => neededBy);
        if (needing.length > 0) {
          const rule = `is needed by ${needing.join(', ')}`;
          return [{ path, value: id, rule, remedy: `keep it, or remove ${needing.join(', ')} as well` }];
        }
        if (!cluster.components.add.includes(id)) return [];
        return [{ path, value: id, rule: 'is both added and removed', remedy: 'drop it from one of the two lists' }];
      });
    }),
};
