import { longestNodeName } from '../names';
import { allNodes, clustersOf, type Rule } from './rule';

/** Names become host names, DNS names, interface and file names: small letters, digits and hyphens, at most 63. */
export const dnsLabels: Rule = {
  id: 'dns-labels',
  check: ({ spec, fleetName }) => {
    const names = [
      { path: ['name'], value: fleetName, longest: 63 },
      ...clustersOf(spec).map(({ path, name }) => ({ path: [...path, 'name'], value: name, longest: 63 })),
      ...allNodes(spec).map(({ path, name }) => ({ path: [...path, 'name'], value: name, longest: longestNodeName })),
    ];
    return names.flatMap(({ path, value, longest }) => {
      if (!isDnsLabel(value)) {
        return [{ path, value, rule: 'is no DNS label', remedy: `write small letters, digits and hyphens, e.g. ${suggest(value)}` }];
      }
      if (value.length <= longest) return [];
      const rule = `has ${value.length} characters; the machine's name, f<uid>-<node>, may have 63`;
      return [{ path, value, rule, remedy: `shorten it to ${longest}` }];
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
