import { mayBeShown } from '../../config/shown';
import { isDnsLabel } from './dns-labels';
import { allNodes, clustersOf, type Rule } from './rule';

/** Longest DNS name, in characters. */
const longestName = 253;

/** The domain is one of DNS, long names below it fit into DNS too, and it is not `.local`, which hosts look up by multicast. */
export const domain: Rule = {
  id: 'domain',
  check: ({ spec }) => {
    const labels = spec.domain.split('.');
    const path = ['domain'];
    const problem = (rule: string, remedy: string) => [{ path, value: spec.domain, rule, remedy }];
    if (labels.at(-1)?.toLowerCase() === 'local') {
      const known = mayBeShown(spec.domain) ? labels.slice(0, -1) : ['flotilla'];
      return problem('ends in .local, which hosts look up by multicast and not in DNS', `write e.g. ${[...known, 'internal'].join('.')}`);
    }
    if (labels.length < 2 || !labels.every(isDnsLabel))
      return problem('is no DNS domain of two or more labels', 'write e.g. flotilla.internal');
    if (/^\d+$/.test(labels.at(-1)!)) return problem('ends in a number, as an IP address does', 'write e.g. flotilla.internal');
    const below = Math.max(
      ...clustersOf(spec).map(({ name }) => `api.${name}.`.length),
      ...allNodes(spec).map(({ name }) => `${name}.`.length),
    );
    const longest = spec.domain.length + below;
    if (longest <= longestName) return [];
    return problem(`makes names of ${longest} characters, and DNS takes ${longestName}`, `shorten it by ${longest - longestName}`);
  },
};
