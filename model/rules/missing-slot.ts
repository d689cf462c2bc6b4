import { fillers } from '../install-order';
import { selectComponents } from '../select-components';
import { whyForbidden } from './forbidden-role';
import { clustersOf, type Rule } from './rule';

/** What a component needs without naming who provides it is provided by another one of the same cluster; a cluster that is brought has a pod network. */
export const missingSlot: Rule = {
  id: 'missing-slot',
  check: ({ spec, catalog, provider }) =>
    clustersOf(spec).flatMap((cluster) => {
      const { components } = selectComponents(cluster, catalog);
      const slots = new Set(components.flatMap(({ requires }) => (requires ?? []).filter((target) => typeof target === 'string')));
      return [...slots]
        .filter((slot) => fillers(slot, components).length === 0 && !(slot === 'cni' && provider?.brings === 'clusters'))
        .map((slot) => {
          const needing = components.filter(({ requires }) => requires?.includes(slot)).map(({ id }) => id);
          const providers = fillers(slot, catalog)
            .filter((component) => whyForbidden(component, cluster.role) === null)
            .map(({ id }) => id);
          return {
            path: [...cluster.path, 'components', 'add'],
            value: undefined,
            rule: `${needing.join(', ')} of cluster "${cluster.name}" ${needing.length === 1 ? 'needs' : 'need'} "${slot}", which nothing there provides`,
            remedy:
              providers.length === 0
                ? `remove ${needing.join(', ')}: no component provides it${fillers(slot, catalog).length === 0 ? ' yet' : ` in a cluster of role ${cluster.role}`}`
                : `add ${providers.join(' or ')}`,
          };
        });
    }),
};
