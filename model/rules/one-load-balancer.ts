import { fillers } from '../install-order';
import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/** One gives a service its address, another one may refuse it because it has none to give. */
export const oneLoadBalancer: Rule = {
  id: 'one-load-balancer',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      const ids = fillers('load-balancer', selectComponents(cluster, catalog).components).map(({ id }) => id);
      if (ids.length < 2) return [];
      const rule = `cluster "${cluster.name}" has ${ids.length} load balancers: ${ids.join(', ')}`;
      return [{ path: [...cluster.path, 'components'], value: undefined, rule, remedy: `remove all but one, e.g. keep ${ids[0]}` }];
    }),
};
