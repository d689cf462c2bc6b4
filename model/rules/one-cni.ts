import { fillers } from '../install-order';
import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/** Two pod networks write over each other's configuration. */
export const oneCni: Rule = {
  id: 'one-cni',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      const networks = fillers('cni', selectComponents(cluster, catalog).components).map(({ id }) => id);
      if (networks.length < 2) return [];
      const rule = `cluster "${cluster.name}" has ${networks.length} pod networks: ${networks.join(', ')}`;
      return [{ path: [...cluster.path, 'components'], value: undefined, rule, remedy: `remove all but one, e.g. keep ${networks[0]}` }];
    }),
};
