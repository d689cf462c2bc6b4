import { clustersOf, type Rule } from './rule';

/** A fleet has at most one hub: agents use its services, and nothing decides which agent would use which hub. */
export const oneHub: Rule = {
  id: 'one-hub',
  check: ({ spec }) => {
    const [first, ...others] = clustersOf(spec).filter(({ role }) => role === 'hub');
    return others.map(({ path }) => ({
      path: [...path, 'role'],
      value: 'hub',
      rule: `a fleet has one hub, and cluster "${first!.name}" is it`,
      remedy: 'write agent or standalone, or move the cluster to a fleet of its own',
    }));
  },
};
