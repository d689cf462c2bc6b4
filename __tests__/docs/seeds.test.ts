import { isDeepStrictEqual } from 'node:util';
import { everyKindFrom } from '../../config/sources';
import { featuresOf, type SeedFile, type SeedRow, seedFiles } from '../../docs/seed-rows';
import { seedTable } from '../../docs/seed-table';
import { nodeSources } from '../../model/image-mirrors';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { otherwise, seedRows } from '../order/seed-trio';
import { type Json, load, readFile, resolveFresh } from '../support/fleet-fixture';
import { type SeedResources, seedResources } from './seed-resources';

/**
 * What is at a path below a value: keys with `/` between them (`~1` is one within a key), an entry of a list by its number or by a field, `name=<its name>`.
 * Objects that a component lays down are keyed by kind and name.
 */
function look(value: Json, path: string): unknown {
  return path.split('/').reduce((at: Json, part) => {
    const key = part.replaceAll('~1', '/');
    const [, field, wanted] = Array.isArray(at) ? (/^(\w+)=(.*)$/.exec(key) ?? []) : [];
    return field === undefined ? at?.[key] : at.find((one: Json) => String(one[field]) === wanted);
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

/** The text of what a row is proven by. */
const proofOf = ({ is = {}, holds = {} }: SeedRow): string => JSON.stringify([is, ...Object.values(holds)]);

/** What a number of a seed may be here: as it is, GB as MiB, minutes as seconds, years and days as hours, a share of 100. */
const sameNumbers = (number: number): readonly number[] => [1, 1024, 60, 24, 24 * 365, 1 / 100].map((factor) => number * factor);

/** Versions, ports of products and parts of names are no promises of their own. */
const numbersIn = (says: string): readonly string[] =>
  says.replace(/\d[\w.-]* or newer|phase \d/g, '').match(/(?<![\w.-])\d+(?:\.\d+)*(?:\/\d+)?(?![\w-])/g) ?? [];

const sumOf = ({ is = {} }: SeedRow): number => Object.values(is).reduce<number>((sum, value) => sum + Number(value), 0);

/** Numbers that a row promises as they are specified, and that its proof does not look at. */
function unproven(row: SeedRow): readonly string[] {
  if (row.instead !== undefined || row.later !== undefined) return [];
  const proof = proofOf(row);
  const known = new Set((proof.match(/\d+(?:\.\d+)*/g) ?? []).map(Number));
  return numbersIn(row.says)
    .filter((number) => !(row.says.includes(`at most ${number}`) && sumOf(row) <= Number(number)))
    .filter((number) => !proof.includes(number) && !sameNumbers(Number(number)).some((same) => known.has(same)))
    .map((number) => `promises ${number}, and nothing that it looks at is ${number}`);
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
    ...unproven(row),
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
    '003 3.2: Helm 3.14 or newer',
    '003 8.2: Nexus on the host, for packages',
  ]);
});

describe.each(files.map((file) => [file.fleet, file] as const))('%s', (name, { rows }: SeedFile) => {
  test.each(rows.map((row) => [`${row.seed}: ${row.says}`, row] as const))('%s', (_, row) => {
    expect(faultsOf(fleets.get(name)!, row)).toEqual([]);
  });
});

test('machines of trio have no registry between them and the internet: the row about Harbor says so', () => {
  const trio = fleets.get('trio')!;
  expect(nodeSources({ ...trio, sources: everyKindFrom('official') }).mirrors).toEqual([]);
  const harbor = files
    .find(({ fleet }) => fleet === 'trio')!
    .rows.filter(({ seed, says }) => seed === '003 8.2' && says.startsWith('Harbor'));
  expect(harbor.map(({ instead }) => instead)).toEqual([
    expect.stringMatching(/^none;/),
    expect.stringContaining('pull from the registries of the internet'),
  ]);
});

test('the row about the order of trio counts the edges that do not hold', () => {
  const row = files.find(({ fleet }) => fleet === 'trio')!.rows.find(({ seed }) => seed === '003 10.2')!;
  expect(row.says).toContain(`${seedRows.length} components`);
  expect(row.instead).toContain(`all but ${Object.keys(otherwise).length} of the edges`);
});

describe('requests and limits, the two tables of the seeds', () => {
  const rowOf = ({ seed, fleet, name, requests, limits }: SeedResources): SeedRow | undefined => {
    const says = `${name} requests ${requests.cpu} CPU and ${requests.memory}, limits ${limits.cpu} and ${limits.memory}`;
    return files.find((file) => file.fleet === fleet)!.rows.find((row) => row.seed === seed && row.says === says);
  };
  const paths = ({ requests, limits }: Pick<SeedResources, 'requests' | 'limits'>) => ({
    'requests/cpu': requests.cpu,
    'requests/memory': requests.memory,
    'limits/cpu': limits.cpu,
    'limits/memory': limits.memory,
  });

  /** What is wrong with the row of a line: its words are the seed's numbers, it looks at all four, and it says "as specified" where all four are the same. */
  function faults(line: SeedResources, row: SeedRow | undefined): readonly string[] {
    if (row === undefined) return [`no row says the numbers of ${line.name} in ${line.fleet}`];
    const place = placeOf(fleets.get(line.fleet)!, line.of);
    const looked = Object.keys(paths(line)).filter((path) => !(`${line.path}/${path}` in (row.is ?? {})));
    const same = Object.entries(paths(line)).every(([path, wanted]) => look(place, `${line.path}/${path}`) === wanted);
    return [
      ...looked.map((path) => `does not look at ${path}`),
      ...(same === (row.instead === undefined) ? [] : [same ? 'is as specified and says otherwise' : 'is not as specified']),
    ];
  }

  test.each(seedResources.map((line) => [`${line.fleet}: ${line.name}`, line] as const))('%s', (_, line) => {
    expect(faults(line, rowOf(line))).toEqual([]);
  });

  test('a row is red that leaves a limit out, that changes a number of the seed, or that calls other numbers the same', () => {
    const [line] = seedResources;
    const row = rowOf(line!)!;
    const { [`${line!.path}/limits/memory`]: _, ...fewer } = row.is!;
    expect(faults(line!, { ...row, is: fewer })).toEqual(['does not look at limits/memory']);
    expect(faults(line!, rowOf({ ...line!, limits: { ...line!.limits, memory: '1Gi' } }))).toEqual([
      'no row says the numbers of Prometheus in kind',
    ]);
    const { instead: __, because: ___, ...flattering } = row;
    expect(faults(line!, flattering)).toEqual(['is not as specified']);
  });
});

test('every feature counts once, here and missing alike', () => {
  expect(featuresOf({ says: 'commands: install; boot; status' })).toBe(3);
  const page = seedTable();
  for (const { fleet, rows } of files) {
    const features = (some: readonly SeedRow[]) => some.reduce((sum, row) => sum + featuresOf(row), 0);
    const [other, later] = [rows.filter(({ instead }) => instead !== undefined), rows.filter((row) => row.later !== undefined)];
    const same = features(rows) - features(other) - features(later);
    expect([fleet, page]).toEqual([
      fleet,
      expect.stringContaining(`Of ${features(rows)} features, ${same} are here as specified, ${features(other)} are here in another way`),
    ]);
    // A list without semicolons would count once, however long it is.
    expect(rows.filter(({ says, later: missing }) => missing !== undefined && says.split(', ').length > 4).map(({ says }) => says)).toEqual(
      [],
    );
  }
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
    ['that promises a number at which it does not look', { ...row, says: 'three to 10 pods' }],
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
