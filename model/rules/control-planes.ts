import { clustersOf, type Rule } from './rule';

/** etcd needs a majority: an even number of members survives no more failures than one fewer. */
export const controlPlanes: Rule = {
  id: 'control-planes',
  check: ({ spec }) =>
    clustersOf(spec).flatMap((cluster) => {
      const count = cluster.nodes.filter(({ role }) => role === 'control-plane').length;
      const path = [...cluster.path, 'nodes'];
      if (count === 0) {
        return [
          {
            path,
            value: undefined,
            rule: `cluster "${cluster.name}" has no control plane`,
            remedy: 'give one node the role control-plane',
          },
        ];
      }
      if (count % 2 === 1) return [];
      const rule = `cluster "${cluster.name}" has ${count} control planes, and an even number fails as early as one fewer`;
      return [{ path, value: undefined, rule, remedy: `make it ${count - 1} or ${count + 1}` }];
    }),
};
