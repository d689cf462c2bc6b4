import { InstallCycle, installOrder } from '../install-order';
import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/** There is an order in which the components of a cluster can be installed. */
export const installCycle: Rule = {
  id: 'install-cycle',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      try {
        installOrder(selectComponents(cluster, catalog).components, cluster.role !== 'agent');
        return [];
      } catch (error) {
        if (!(error instanceof InstallCycle)) throw error;
        const remedy = `remove one of ${[...new Set(error.ring)].join(', ')}, or drop an edge in its file under components/`;
        return [{ path: [...cluster.path, 'components'], value: undefined, rule: error.message, remedy }];
      }
    }),
};
