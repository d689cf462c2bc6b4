import { hostAddress } from '../../config/cidr';
import { assignAddresses, mostNodes } from '../deployment-identity';
import { fillers } from '../install-order';
import { poolOf } from '../load-balancer-pool';
import { selectComponents } from '../select-components';
import { allNodes, type BrokenRule, clustersOf, type PlacedCluster, type Rule, type RuleFacts } from './rule';

/** Pools of addresses lie in order, apart from each other and from the machines, and a cluster that hands out addresses has one. */
export const loadBalancerPool: Rule = {
  id: 'load-balancer-pool',
  check: (facts) => {
    const handing = clustersOf(facts.spec).filter((cluster) => cluster.loadBalancerPool !== undefined || handsOut(cluster, facts));
    return handing.flatMap((cluster, index) => [...faultsOf(cluster, facts), ...overlaps(cluster, handing.slice(0, index))]);
  },
};

/** What fills the slot by announcing addresses that are not the machines' own needs them to be let through. */
function handsOut(cluster: PlacedCluster, { catalog }: RuleFacts): boolean {
  return fillers('load-balancer', selectComponents(cluster, catalog).components).some(({ needs }) => needs?.includes('foreignSources'));
}

function faultsOf(cluster: PlacedCluster, facts: RuleFacts): readonly BrokenRule[] {
  const path = [...cluster.path, 'loadBalancerPool'];
  const { network } = facts;
  const pool = poolOf(cluster);
  if (pool === null) {
    const rule = `cluster "${cluster.name}" of id ${cluster.id} hands out addresses and has none: only the ids 1 to 5 have some by default`;
    return [{ path: [...cluster.path], value: undefined, rule, remedy: 'write loadBalancerPool: { first: 100, last: 109 }' }];
  }
  if (pool.first > pool.last) {
    return [{ path, value: pool, rule: 'ends before it begins', remedy: `write { first: ${pool.last}, last: ${pool.first} }` }];
  }
  const positions = Array.from({ length: pool.last - pool.first + 1 }, (_, index) => pool.first + index);
  const held = new Set(positions.map((position) => hostAddress(network ?? anyNetwork, position)));
  return Object.entries(addressesOfNodes(facts))
    .filter(([, address]) => held.has(address))
    .slice(0, 1)
    .map(([name, address]) => ({
      path,
      value: pool,
      rule: `holds ${network === null ? `position ${address.split('.')[3]}` : address}, the address of node "${name}"`,
      remedy: 'give the node or the pool other ones',
    }));
}

/** Stands for the network while none is chosen: positions in it are the same in each. */
const anyNetwork = '10.77.0.0/24';

/** Fixed addresses, and those that a new deployment gives to the other nodes; of dynamic ones nothing is known before the machines run. */
function addressesOfNodes({ spec, network, provider }: RuleFacts): Readonly<Record<string, string>> {
  const nodes = allNodes(spec);
  const fixed = nodes.flatMap(({ name, address }) => (address === undefined ? [] : [[name, address] as const]));
  if (provider?.addresses === 'leased' || nodes.length > mostNodes) return Object.fromEntries(fixed);
  const unique = nodes.filter(({ name, address }, index) => {
    const earlier = nodes.slice(0, index);
    return !earlier.some((one) => one.name === name || (address !== undefined && one.address === address));
  });
  return assignAddresses({ network: network ?? anyNetwork, addresses: {} }, unique);
}

function overlaps(cluster: PlacedCluster, others: readonly PlacedCluster[]): readonly BrokenRule[] {
  const pool = poolOf(cluster);
  const met = others.find((other) => {
    const theirs = poolOf(other);
    return pool !== null && theirs !== null && pool.first <= theirs.last && theirs.first <= pool.last;
  });
  if (pool === null || met === undefined) return [];
  const theirs = poolOf(met)!;
  return [
    {
      path: [...cluster.path, 'loadBalancerPool'],
      value: pool,
      rule: `meets the pool of cluster "${met.name}", ${theirs.first} to ${theirs.last}: both would answer for the same address`,
      remedy: `begin at ${theirs.last + 1}`,
    },
  ];
}
