import { pinnedCharts, readLock, unconfirmed } from '../../artifacts/charts/lock';

/**
 * Versions that no source in reach has confirmed. A change of any chart's version either confirms it (`flotilla charts pull`, or the repository's index, written
 * into charts/lock.json) or adds it here, which states that the repository may not have it.
 */
const unconfirmedVersions = [
  'base 1.30.4',
  'cert-manager v1.21.1',
  'cilium 1.19.7',
  'cni 1.30.4',
  'gateway 1.30.4',
  'goldilocks 11.0.0',
  'istiod 1.30.4',
  'robusta 0.47.0',
  'trivy-operator 0.34.0',
  'vault 0.34.1',
  'vpa 5.0.0',
];

const called = ({ name, version }: { readonly name: string; readonly version: string }) => `${name} ${version}`;

test('every chart is confirmed at the version that its component pins, except the listed ones', () => {
  expect(unconfirmed(readLock()).map(called)).toEqual(unconfirmedVersions);
});

test('mutation: a version that is changed without a look-up is unconfirmed', () => {
  const confirmed = new Set(readLock().flatMap((chart) => (chart.confirmed === null ? [] : [called(chart)])));
  const changed = pinnedCharts().map((pin) => (pin.name === 'local-path-provisioner' ? { ...pin, version: '0.0.30' } : pin));
  expect(changed.map(called).filter((chart) => !confirmed.has(chart) && !unconfirmedVersions.includes(chart))).toEqual([
    'local-path-provisioner 0.0.30',
  ]);
});

test('a digest comes from an archive or an index, and every confirmation has its day', () => {
  for (const { digest, confirmed } of readLock()) {
    expect(digest === null).toBe(confirmed === null || confirmed.by === 'tag');
    if (digest !== null) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    if (confirmed !== null) expect(confirmed.on).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});

/** First version in a registry, where the project is older: earlier tags of the project carry the chart, but no workflow pushed them. */
const firstPublished = { 'local-path-provisioner': [0, 0, 32] } as const;

test('no chart is pinned to a version before the first one in its registry', () => {
  const early = (version: string, first: readonly number[]) => {
    const parts = version.replace(/^v/, '').split('.').map(Number);
    const at = parts.findIndex((part, index) => part !== first[index]);
    return at !== -1 && parts[at]! < first[at]!;
  };
  for (const [name, first] of Object.entries(firstPublished)) {
    const pins = pinnedCharts().filter((pin) => pin.name === name);
    expect(pins).toHaveLength(1);
    expect(pins.filter(({ version }) => early(version, first))).toEqual([]);
    expect(early('0.0.30', first)).toBe(true);
  }
});
