import { overlap } from '../../config/cidr';
import { formatPath } from '../../config/problem';
import { clusterCidrs, networkPool } from '../addressing';
import { clustersOf, type Rule } from './rule';

/** Pods, services and machines of all clusters have addresses of their own: a mesh routes between them all. */
export const cidrOverlap: Rule = {
  id: 'cidr-overlap',
  check: ({ spec, network, provider }) => {
    const blocks = clustersOf(spec).flatMap((cluster) => {
      const { podCidr, serviceCidr } = clusterCidrs(cluster);
      return [
        { path: [...cluster.path, 'podCidr'], cidr: podCidr },
        { path: [...cluster.path, 'serviceCidr'], cidr: serviceCidr },
      ];
    });
    const machines = [
      { path: ['network'], cidr: network ?? (provider?.cidr ? null : networkPool) },
      { path: ['provider'], cidr: provider?.cidr ?? null },
    ].filter(({ cidr }) => cidr !== null);
    return blocks.flatMap(({ path, cidr }, index) => {
      if (cidr === null) return [];
      const other = [...machines, ...blocks.slice(0, index)].find((earlier) => earlier.cidr !== null && overlap(earlier.cidr, cidr));
      return other
        ? [
            {
              path,
              value: cidr,
              rule: `overlaps ${formatPath(other.path)} ${other.cidr}`,
              remedy: `give it a free one, e.g. ${free([...machines, ...blocks])}`,
            },
          ]
        : [];
    });
  },
};

function free(taken: readonly { readonly cidr: string | null }[]): string {
  for (let second = 101; second < 256; second++) {
    const candidate = `10.${second}.0.0/16`;
    if (!taken.some(({ cidr }) => cidr !== null && overlap(candidate, cidr))) return candidate;
  }
  return 'one out of 172.16.0.0/12';
}
