import { overlap } from '../../config/cidr';
import { allNodes, clustersOf, type Rule } from './rule';

/** Blocks that no host sends to another one, or that have one meaning everywhere (RFC 6890). */
const special: readonly (readonly [cidr: string, what: string])[] = [
  ['0.0.0.0/8', 'this host'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local addresses'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved and broadcast addresses'],
];

/** Addresses of machines, pods and services come from blocks that hosts route. */
export const specialAddresses: Rule = {
  id: 'special-addresses',
  check: ({ spec }) => {
    const written = [
      { path: ['network'], value: spec.network },
      ...clustersOf(spec).flatMap(({ path, podCidr, serviceCidr }) => [
        { path: [...path, 'podCidr'], value: podCidr },
        { path: [...path, 'serviceCidr'], value: serviceCidr },
      ]),
      ...allNodes(spec).map(({ path, address }) => ({ path: [...path, 'address'], value: address })),
    ];
    return written.flatMap(({ path, value }) => {
      if (value === undefined) return [];
      const met = special.find(([cidr]) => overlap(cidr, value.includes('/') ? value : `${value}/32`));
      if (met === undefined) return [];
      const rule = `overlaps ${met[0]}, which is for ${met[1]}`;
      return [{ path, value, rule, remedy: 'take it from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16' }];
    });
  },
};
