import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedCharts } from '../../chart-lint/published';
import { compareVersions, versionsIn } from '../../chart-lint/repository-index';

const folder = mkdtempSync(join(tmpdir(), 'flotilla-published-'));
afterAll(() => rmSync(folder, { recursive: true }));

const repository = 'https://charts.example.org/stable';
const registry = 'oci://registry.example.org/charts';
const listed = (digest: string, ...versions: string[]): string =>
  versions
    .map(
      (version) =>
        `  - created: "2026-01-01"\n    digest: ${digest}\n    maintainers:\n    - name: a\n      version: 7.7.7\n    version: ${version}\n`,
    )
    .join('');
const write = (place: string, text: string): void => {
  mkdirSync(join(folder, 'indices', place, '..'), { recursive: true });
  writeFileSync(join(folder, 'indices', place), text);
};
write(
  'charts.example.org/stable/index.yaml',
  `apiVersion: v1\nentries:\n  other:\n${listed('00', '9.9.9')}  boat:\n${listed('aa', '1.2.0', '1.10.0')}  boat-house:\n${listed('bb', '3.0.0')}generated: "2026-01-02"\n`,
);
// A1: the first version that the registry ever had is younger than the one that is pinned.
write('registry.example.org/charts/local-store/tags/list', JSON.stringify({ name: 'charts/local-store', tags: ['0.0.32', '0.0.37'] }));

const judged = (name: string, version: string, where = repository, digest: string | null = null, by?: 'archive' | 'index' | 'tag') => {
  const chart = { repository: where, name, version };
  return publishedCharts(
    [{ chart, release: 'hub/thing' }],
    [{ ...chart, digest, ...(by === undefined ? {} : { confirmed: { by } }) }],
    [folder],
  );
};

test('a chart is published when the index of its repository, or the tags of its registry, have its version', () => {
  for (const one of [judged('boat', '1.2.0'), judged('boat', '1.10.0', repository, 'aa'), judged('local-store', '0.0.37', registry)]) {
    expect(one).toMatchObject({ faults: [], unchecked: [] });
    expect(one.checked).toEqual([expect.stringContaining('1 published by an index in the folder of charts')]);
  }
});

test('without an index the lock tells, and says where it knows it from', () => {
  expect(judged('far', '1.0.0', 'https://far.example.org', 'cc').checked[0]).toMatch(/ 0 listed in an index, 1 fetched, 0 pushed/);
  expect(judged('far', '1.0.0', 'https://far.example.org', 'cc', 'archive').checked[0]).toMatch(
    / 0 listed in an index, 1 fetched, 0 pushed/,
  );
  expect(judged('far', '1.0.0', 'https://far.example.org', 'cc', 'index').checked[0]).toMatch(/ 1 listed in an index, 0 fetched, 0 pushed/);
});

test('a tag without a digest is enough where upstream pushes every tag', () =>
  expect(judged('far', '1.0.0', 'https://far.example.org', null, 'tag').checked[0]).toMatch(/ 0 fetched, 1 pushed from a tag$/));

test('a chart of which neither an index nor the lock knows anything is not passed', () => {
  const { faults, unchecked, checked } = judged('far', '1.0.0', 'https://far.example.org');
  expect(faults).toEqual([]);
  expect(unchecked).toEqual([
    'not known to be published: far 1.0.0 (https://far.example.org): no index of these repositories is in the folder of charts, and charts/lock.json does not know it',
  ]);
  expect(checked).toEqual([
    '1 chart: 0 published by an index in the folder of charts; by charts/lock.json 0 listed in an index, 0 fetched, 0 pushed from a tag',
  ]);
  // An index that ends before the version is older than the version.
  expect(judged('boat', '1.11.0').unchecked).toEqual([expect.stringMatching(/boat 1\.11\.0 .*index\.yaml ends with 1\.10\.0/)]);
  expect(judged('boot', '1.0.0').unchecked).toEqual([expect.stringMatching(/ends with no version of it/)]);
});

test('mutation: a version that the registry never had, between or before those that it has, is found', () => {
  expect(judged('local-store', '0.0.30', registry).faults).toEqual([
    {
      release: 'hub/thing',
      text: 'chart local-store 0.0.30 is not published at oci://registry.example.org/charts: indices/registry.example.org/charts/local-store/tags/list has 0.0.32, 0.0.37 and not this version; pin a version that is there',
    },
  ]);
  expect(judged('boat', '1.9.0').faults).toEqual([
    expect.objectContaining({ text: expect.stringContaining('has 1.2.0, 1.10.0 and not this version') }),
  ]);
  // The lock does not outweigh the repository.
  expect(judged('boat', '1.9.0', repository, 'aa', 'archive').faults).toHaveLength(1);
});

test('mutation: a digest in the lock that is not the one of the index is found', () =>
  expect(judged('boat', '1.2.0', repository, 'ff').faults).toEqual([
    expect.objectContaining({ text: expect.stringMatching(/has sha256 aa….*charts\/lock\.json ff…/) }),
  ]));

test('an index is read in the shapes that programs write', () => {
  const indented =
    'entries:\n    boat:\n        - version: "v1.0.0"\n          digest: sha256:aa\n        - digest: bb\n          version: 0.9.0\n    other: []\n';
  expect([...versionsIn(indented, 'boat')]).toEqual([
    ['v1.0.0', 'aa'],
    ['0.9.0', 'bb'],
  ]);
  const flat = 'entries:\n  boat:\n  - description: |\n      version: 5.5.5\n    version: 1.0.0\n  other:\n  - version: 2.0.0\n';
  expect([...versionsIn(flat, 'boat')]).toEqual([['1.0.0', null]]);
});

test('versions are ordered as semver orders them', () =>
  expect(['1.10.0', 'v1.2.0', '1.10.0-rc.2', '1.10.0-rc.10', '0.0.30', '0.0.4'].sort(compareVersions)).toEqual([
    '0.0.4',
    '0.0.30',
    'v1.2.0',
    '1.10.0-rc.2',
    '1.10.0-rc.10',
    '1.10.0',
  ]));
