import { isDnsLabel } from './dns-labels';
import type { Rule } from './rule';

/** `.local` belongs to multicast DNS: resolvers of Macs and many Linux hosts never ask a name server for it. */
export const domain: Rule = {
  id: 'domain',
  check: ({ spec }) => {
    const labels = spec.domain.split('.');
    const path = ['domain'];
    if (labels.at(-1)?.toLowerCase() === 'local') {
      const rule = 'ends in .local, which hosts look up by multicast and not in DNS';
      return [{ path, value: spec.domain, rule, remedy: `write e.g. ${[...labels.slice(0, -1), 'internal'].join('.')}` }];
    }
    if (labels.length > 1 && labels.every(isDnsLabel)) return [];
    return [{ path, value: spec.domain, rule: 'is no DNS domain of two or more labels', remedy: 'write e.g. flotilla.internal' }];
  },
};
