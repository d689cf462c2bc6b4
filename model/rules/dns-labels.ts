import { mayBeShown } from '../../config/shown';
import { longestClusterName, longestNodeName } from '../names';
import { allNodes, type BrokenRule, clustersOf, type Rule } from './rule';

const cluster = [longestClusterName, `Cilium takes ${longestClusterName} for the name of a cluster`] as const;
const machine = [longestNodeName, "the machine's name, f<uid>-<node>, may have 63"] as const;

/** Names become host names, DNS names, interface and file names: small letters, digits and hyphens, at most 63. */
export const dnsLabels: Rule = {
  id: 'dns-labels',
  check: ({ spec, fleetName }) => {
    const names: { path: BrokenRule['path']; value: string; most?: readonly [longest: number, because: string] }[] = [
      { path: ['name'], value: fleetName },
      ...clustersOf(spec).map(({ path, name }) => ({ path: [...path, 'name'], value: name, most: cluster })),
      ...allNodes(spec).map(({ path, name }) => ({ path: [...path, 'name'], value: name, most: machine })),
    ];
    return names.flatMap(({ path, value, most }) => {
      if (!isDnsLabel(value)) {
        return [
          {
            path,
            value,
            rule: 'is no DNS label',
            remedy: `write small letters, digits and hyphens, e.g. ${suggest(mayBeShown(value) ? value : '')}`,
          },
        ];
      }
      if (most === undefined || value.length <= most[0]) return [];
      return [{ path, value, rule: `has ${value.length} characters; ${most[1]}`, remedy: `shorten it to ${most[0]}` }];
    });
  },
};

export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

function suggest(text: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longestNodeName)
    .replace(/^-+|-+$/g, '');
  return label === '' ? 'hub' : label;
}
