import { parseCidr } from '../../config/cidr';
import { clusterCidrs } from '../addressing';
import { clustersOf, type Rule } from './rule';

/** Widest CIDR of pods: the controller manager divides it into at most 2^16 blocks of /24. */
const widestPods = 8;

/** Each node takes a /24 of the pods' CIDR; the API server takes service CIDRs from /12 to /28. */
export const cidrSize: Rule = {
  id: 'cidr-size',
  check: ({ spec }) =>
    clustersOf(spec).flatMap((cluster) => {
      const { podCidr, serviceCidr } = clusterCidrs(cluster);
      const [pods, services] = [parseCidr(podCidr ?? ''), parseCidr(serviceCidr ?? '')];
      const nodes = cluster.nodes.length;
      const needed = 24 - Math.ceil(Math.log2(Math.max(nodes, 1)));
      return [
        ...(pods !== null && pods.prefixLength < widestPods
          ? [
              {
                path: [...cluster.path, 'podCidr'],
                value: podCidr,
                rule: `is too large, the controller manager divides /${widestPods} and smaller`,
                remedy: 'write a /16',
              },
            ]
          : []),
        ...(pods !== null && pods.prefixLength > needed
          ? [
              {
                path: [...cluster.path, 'podCidr'],
                value: podCidr,
                rule: `is too small, ${nodes} nodes take a /24 each`,
                remedy: `write a /${needed} or wider`,
              },
            ]
          : []),
        ...(services !== null && (services.prefixLength < 12 || services.prefixLength > 28)
          ? [
              {
                path: [...cluster.path, 'serviceCidr'],
                value: serviceCidr,
                rule: 'is refused by the API server, which takes /12 to /28',
                remedy: 'write a /16',
              },
            ]
          : []),
      ];
    }),
};
