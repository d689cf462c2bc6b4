import { isDeepStrictEqual } from 'node:util';
import { type SeedFile, type SeedRow, seedFiles } from '../../docs/seed-rows';
import { seedTable } from '../../docs/seed-table';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { type Json, load, readFile, resolveFresh } from '../model/lab';

/**
 * What is at a path below a value: keys with `/` between them (`~1` is one within a key), an entry of a list by its number or by a field, `name=<its name>`.
 * Objects that a component lays down are keyed by kind and name.
 */
function look(value: Json, path: string): unknown {
  return path.split('/').reduce((at: Json, part) => {
    const key = part.replaceAll('~1', '/');
    const [, field, wanted] = Array.isArray(at) ? (/^(\w+)=(.*)$/.exec(key) ?? []) : [];
    return field === undefined ? at?.[key] : at.find((one: Json) => one[field] === wanted);
  }, value);
}

function placeOf(fleet: ResolvedFleet, of: string): Json {
  if (of === 'fleet') return fleet;
  const [name, id] = of.split(' ');
  const cluster = fleet.clusters.find((one) => one.name === name);
  if (id === undefined) return cluster;
  const component = cluster?.components.find((one) => one.id === id);
  const resources: Record<string, Record<string, unknown>> = {};
  for (const one of component?.resources ?? []) resources[one.kind] = { ...resources[one.kind], [one.metadata.name]: one };
  return component && { ...component, resources };
}

/** Every key that the fleets have anywhere, and every `key=text`. */
function namesIn(value: unknown, names = new Set<string>()): ReadonlySet<string> {
  if (value === null || typeof value !== 'object') return names;
  for (const [key, inner] of Object.entries(value)) {
    names.add(key);
    if (typeof inner === 'string') names.add(`${key}=${inner}`);
    namesIn(inner, names);
  }
  return names;
}

/**
 * Why it proves nothing that a path leads nowhere: a misspelt one does so too. What it is looked for in has to be there, of a list all before it, and what is
 * missing here has to be somewhere else.
 */
function blindness(place: Json, path: string): string | null {
  const parts = path.split('/');
  const name = parts.pop()!.replaceAll('~1', '/');
  const above = parts.length === 0 ? place : look(place, parts.join('/'));
  if (above === null || typeof above !== 'object') return `${path}: there is no ${parts.join('/')} that could have it`;
  if (Array.isArray(above) && /^\d+$/.test(name)) return above.length >= Number(name) ? null : `${path}: there are only ${above.length}`;
  return known().has(name) ? null : `${path}: nothing in any fleet is called ${name}`;
}

/** What is wrong with a row's answer; nothing when it holds. */
function faultsOf(fleet: ResolvedFleet, row: SeedRow): readonly string[] {
  const { of, is, holds = {}, instead, because = '', later = '' } = row;
  const place = of === undefined ? undefined : placeOf(fleet, of);
  const differing = Object.entries(is ?? {}).filter(([path, wanted]) => !isDeepStrictEqual(look(place, path) ?? null, wanted));
  const texts = Object.entries(holds).flatMap(([path, wanted]) =>
    wanted.filter((text) => !readFile(path)?.includes(text)).map((text) => `${path} does not hold ${text}`),
  );
  const keys = ['seed', 'says', 'of', 'is', 'holds', 'instead', 'because', 'later'];
  return [
    ...(/^00[0-4] \S/.test(row.seed) && row.says.length > 5 ? [] : ['says no seed, or nothing']),
    ...Object.keys(row)
      .filter((key) => !keys.includes(key))
      .map((key) => `"${key}" means nothing`),
    ...(is !== undefined && place === undefined ? [`there is no ${of}`] : []),
    ...Object.entries(is ?? {}).flatMap(([path, wanted]) => (wanted === null ? (blindness(place, path) ?? []) : [])),
    ...differing.map(([path, wanted]) => `${of} ${path} is ${JSON.stringify(look(place, path))}, not ${JSON.stringify(wanted)}`),
    ...texts,
    ...(Object.keys(is ?? {}).length + Object.keys(holds).length > 0 || instead !== undefined || later.length > 20
      ? []
      : ['has no answer']),
    ...((instead === undefined) === (because === '') && (instead === undefined || because.length > 20)
      ? []
      : ['does otherwise without a reason']),
  ];
}

const files = seedFiles();
const fleets = new Map(files.map(({ fleet }) => [fleet, resolveFresh(load(fleet), { source: 'official' })]));
let names: ReadonlySet<string> | undefined;
const known = (): ReadonlySet<string> => (names ??= namesIn([...fleets.values()]));
const named = (rows: readonly SeedRow[]) => rows.map((row) => `${row.seed}: ${row.says}`);

test('all three systems are here, each thing once', () => {
  expect(files.map(({ fleet }) => fleet).sort()).toEqual(['kind', 'tart', 'trio']);
  for (const { rows } of files) expect(new Set(named(rows)).size).toBe(rows.length);
});

test('rows that only tell, with nothing to look at, are these', () => {
  const telling = files.flatMap(({ rows }) =>
    rows.filter(({ is, holds, instead }) => instead !== undefined && is === undefined && holds === undefined),
  );
  expect(named(telling)).toEqual([
    '000 architecture: monitoring runs on platform-worker1, Jenkins and Argo CD on platform-worker2',
    '001 ADR-005: Bash and Terraform side by side, each doing everything',
    '003 8.2: Nexus on the host, for packages',
  ]);
});

describe.each(files.map((file) => [file.fleet, file] as const))('%s', (name, { rows }: SeedFile) => {
  test.each(rows.map((row) => [`${row.seed}: ${row.says}`, row] as const))('%s', (_, row) => {
    expect(faultsOf(fleets.get(name)!, row)).toEqual([]);
  });
});

describe('a row is red', () => {
  const fleet = fleets.get('tart')!;
  const row: SeedRow = {
    seed: '000 x',
    says: 'three pods',
    of: 'dev demo-scaling',
    is: { 'resources/HorizontalPodAutoscaler/nginx-web/spec/minReplicas': 3 },
  };
  test.each<[string, SeedRow]>([
    ['that says another number', { ...row, is: { 'resources/HorizontalPodAutoscaler/nginx-web/spec/minReplicas': 4 } }],
    ['whose object is gone', { ...row, is: { 'resources/HorizontalPodAutoscaler/gone/spec/minReplicas': 3 } }],
    ['whose component the cluster does not have', { ...row, of: 'prod demo-scaling' }],
    ['whose component is missing where nothing is expected', { ...row, of: 'prod demo-scaling', is: { anything: null } }],
    ['that misses something below what is gone', { ...row, is: { 'resources/HorizontalPodAutoscaler/gone/spec/minReplicas': null } }],
    ['that misses what nothing is called', { ...row, is: { 'resources/HorizontalPodAutoscaler/nginx-web/spec/minReplica': null } }],
    ['that misses a component that there is nowhere', { ...row, of: 'dev', is: { 'components/id=ked': null } }],
    ['that misses an entry by a field that none has', { ...row, of: 'dev', is: { 'components/di=keda': null } }],
    ['that misses an entry far behind the last', { ...row, of: 'dev', is: { 'nodes/5': null } }],
    ['without an answer', { seed: '000 x', says: 'three pods' }],
    ['that asks for nothing', { ...row, is: {} }],
    ['that does otherwise and does not say why', { ...row, instead: 'four' }],
    ['whose text is not in the file', { seed: '000 x', says: 'hundred users', holds: { 'components/files/k6-load.js': ['vus: 99'] } }],
    ['of no seed', { ...row, seed: '009' }],
  ])('%s', (_, broken) => {
    expect(faultsOf(fleet, row)).toEqual([]);
    expect(faultsOf(fleet, broken)).not.toEqual([]);
  });
});

test('the page names what differs, with the reason', () => {
  const page = seedTable();
  for (const { rows } of files)
    for (const { instead } of rows) if (instead !== undefined) expect(page).toContain(instead.replaceAll('|', '\\|'));
});
