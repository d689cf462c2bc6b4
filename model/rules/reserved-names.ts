import { leasedNames } from '../leased';
import { allNodes, clustersOf, type Rule } from './rule';

const reserved = ['foundation', 'links', 'access', 'merged'];

/** A cluster's name is also that of its stack and its kubeconfig, a node's stands for its address: neither must be that of something else. */
export const reservedNames: Rule = {
  id: 'reserved-names',
  check: ({ spec }) => [
    ...clustersOf(spec)
      .filter(({ name }) => reserved.includes(name) || name.endsWith('-platform'))
      .map(({ path, name }) => ({
        path: [...path, 'name'],
        value: name,
        rule: `is the name of a stack or file of ours (${reserved.join(', ')}, *-platform)`,
        remedy: 'rename the cluster',
      })),
    ...allNodes(spec)
      .filter(({ name }) => leasedNames.includes(name))
      .map(({ path, name }) => ({
        path: [...path, 'name'],
        value: name,
        rule: `stands for an address of the fleet (${leasedNames.join(', ')})`,
        remedy: `rename the node, e.g. ${name}-1`,
      })),
  ],
};
