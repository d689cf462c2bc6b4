import { leasedNames } from '../dynamic-address';
import { allNodes, clustersOf, type Rule } from './rule';

const reserved = ['foundation', 'links', 'access', 'merged'];

/**
 * Names that hosts and pods look up with another meaning, and the best known top-level domains. A node's name is a zone of the cluster's DNS, so a node
 * called `io` would take every name below .io from the pods. Every two letters are the domain of a country, or may become one.
 */
const taken = new Set(
  [
    'localhost localdomain local internal cluster svc home lan corp mail test example invalid onion alt arpa',
    'com org net edu gov mil int info biz name pro dev app cloud page run build tools team work works services systems network',
    'software solutions technology tech online site website host hosting digital email space store shop blog wiki news live zone world',
    'group company business studio agency academy community support xyz top club one new zip mov box farm garden rocks ninja red blue',
    'green black link click engineering science codes computer security global today fun art design media social chat games golf',
  ].flatMap((line) => line.split(' ')),
);
const isTaken = (name: string): boolean => taken.has(name) || /^[a-z]{2}$/.test(name);

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
      .filter(({ name }) => leasedNames.includes(name) || isTaken(name))
      .map(({ path, name }) => ({
        path: [...path, 'name'],
        value: name,
        rule: leasedNames.includes(name)
          ? `stands for an address of the fleet (${leasedNames.join(', ')})`
          : 'has another meaning in DNS, which the node would take from the pods of its cluster',
        remedy: `rename the node, e.g. ${name}-1`,
      })),
  ],
};
