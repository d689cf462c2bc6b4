import { clustersOf, type Rule } from './rule';

const reserved = ['foundation', 'links', 'merged'];

/** A cluster's name is also the name of its stack and its kubeconfig, so it must not be that of another one. */
export const reservedNames: Rule = {
  id: 'reserved-names',
  check: ({ spec }) =>
    clustersOf(spec)
      .filter(({ name }) => reserved.includes(name) || name.endsWith('-platform'))
      .map(({ path, name }) => ({
        path: [...path, 'name'],
        value: name,
        rule: `is the name of a stack or file of ours (${reserved.join(', ')}, *-platform)`,
        remedy: 'rename the cluster',
      })),
};
