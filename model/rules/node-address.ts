import { contains, hostAddress, parseCidr } from '../../config/cidr';
import { mostNodes } from '../deployment-identity';
import { allNodes, type BrokenRule, type PlacedNode, type Rule, type RuleFacts } from './rule';

/** A node's fixed address is a host address of the fleet's network, and not the gateway's. Where addresses are leased, provider-features speaks. */
export const nodeAddress: Rule = {
  id: 'node-address',
  check: ({ spec, network, provider }) => [
    ...tooMany(allNodes(spec), provider),
    ...allNodes(spec).flatMap(({ path, address }) => {
      if (address === undefined || provider?.addresses === 'leased') return [];
      const at = [...path, 'address'];
      if (network === null) {
        return [
          { path: at, value: address, rule: 'is fixed while the network is not', remedy: 'write `network`, or leave the address out' },
        ];
      }
      const usable = `${hostAddress(network, 2)} to ${hostAddress(network, 254)}`;
      if (!contains(network, address)) {
        return [{ path: at, value: address, rule: `is outside of network ${network}`, remedy: `write one from ${usable}` }];
      }
      const block = parseCidr(network)!;
      const special = {
        [hostAddress(network, 0)]: 'the network address',
        [hostAddress(network, 1)]: 'the gateway',
        [hostAddress(network, block.last - block.first)]: 'the broadcast address',
      }[address];
      return special === undefined
        ? []
        : [{ path: at, value: address, rule: `is ${special} of ${network}`, remedy: `write one from ${usable}` }];
    }),
  ],
};

function tooMany(nodes: readonly PlacedNode[], provider: RuleFacts['provider']): readonly BrokenRule[] {
  if (nodes.length <= mostNodes || provider?.addresses === 'leased') return [];
  const rule = `the fleet has ${nodes.length} nodes, and its network has addresses for ${mostNodes}`;
  return [{ path: ['clusters'], value: undefined, rule, remedy: 'remove nodes, or divide them among several fleets' }];
}
