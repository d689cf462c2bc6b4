import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chartKey, type LockedChart, lockFile, lockOf, lockText, pinnedCharts, readLock, staleness } from '../../artifacts/charts/lock';
import { digestOf, findChart, unmirrored } from '../../artifacts/charts/mirror';
import { fetchedDigests, pull } from '../../artifacts/charts/pull';
import { UserError } from '../../config/problem';
import { standInHindrance } from '../../runner/host/source-plan';
import { fixture } from '../support/fixture-fleet';
import { helmHere, whenHelm } from '../support/programs-here';
import { serve, type Web } from '../support/web';

const work = mkdtempSync(join(tmpdir(), 'flotilla-lock-'));
afterAll(() => rmSync(work, { recursive: true }));

const pin = { repository: 'https://example.org', name: 'thing', version: '1.0.0' };

test('the lock is what `flotilla charts lock` would write', () => {
  expect(staleness(pinnedCharts(), readLock())).toEqual([]);
  expect(readFileSync(lockFile(), 'utf8')).toBe(lockText(lockOf(pinnedCharts(), readLock())));
});

test('sabotage: another version in a component, or a chart that nobody names any more, makes the lock stale', () => {
  const [first, ...rest] = pinnedCharts();
  expect(staleness([{ ...first!, version: '0.0.0' }, ...rest], readLock())).toHaveLength(2);
  expect(staleness(rest, readLock())).toEqual([expect.stringContaining('no component names it')]);
});

test('a digest stays with its repository, name and version, and with nothing else', () => {
  const before: LockedChart[] = [{ ...pin, digest: 'aa', confirmed: { by: 'index', on: '2026-12-01' } }];
  expect(lockOf([pin], before)).toEqual(before);
  expect(lockOf([{ ...pin, version: '1.0.1' }], before)[0]!.digest).toBeNull();
  expect(lockOf([{ ...pin, repository: 'https://elsewhere.org' }], before)[0]!.digest).toBeNull();
  expect(lockOf([pin], [], new Map([[chartKey(pin), 'bb']]))[0]!.digest).toBe('bb');
});

test('a fetched archive confirms its version on that day; the confirmation stays as long as the version does', () => {
  const fetched = new Map([[chartKey(pin), 'aa']]);
  const listed: LockedChart[] = [{ ...pin, digest: 'aa', confirmed: { by: 'index', on: '2026-01-01' } }];
  const once = lockOf([pin], listed, fetched, '2026-02-02');
  expect(once).toEqual([{ ...pin, digest: 'aa', confirmed: { by: 'archive', on: '2026-02-02' } }]);
  expect(lockOf([pin], once, fetched, '2026-03-03')).toEqual(once);
  expect(lockOf([{ ...pin, version: '1.0.1' }], once)).toEqual([{ ...pin, version: '1.0.1', digest: null, confirmed: null }]);
});

/** A chart of that version as an archive. @returns its path */
function archive(version: string, folder: string): string {
  const source = join(work, `source-${version}`, 'fixture');
  cpSync(fixture, source, { recursive: true });
  writeFileSync(join(source, 'Chart.yaml'), readFileSync(join(source, 'Chart.yaml'), 'utf8').replace('1.2.3', version));
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-czf', join(folder, `fixture-${version}.tgz`), '-C', join(source, '..'), 'fixture']);
  return join(folder, `fixture-${version}.tgz`);
}

test('a chart is found as an archive, which is unpacked in the cache and not in the mirror, or as a folder', () => {
  const mirror = join(work, 'both');
  const file = archive('2.0.0', mirror);
  const cache = join(work, 'cache');
  const found = findChart([join(work, 'nowhere'), mirror], { name: 'fixture', version: '2.0.0' }, cache)!;
  expect(found).toEqual({ folder: join(cache, 'charts', digestOf(file)), digest: digestOf(file) });
  expect(existsSync(join(found.folder, 'Chart.yaml'))).toBe(true);
  expect(existsSync(join(mirror, 'fixture-2.0.0'))).toBe(false);
  expect(findChart([join(work, 'source-2.0.0')], { name: 'fixture', version: '2.0.1' }, cache)).toBeNull();
});

test.each([
  ['fixture-5.0.0', 'fixture-5.0.0'],
  ['v before its version', 'fixture-v5.0.0'],
  ['a folder per version', 'fixture/5.0.0'],
  ['as helm pull --untar leaves it', 'fixture/5.0.0/fixture'],
  ['a folder per name', 'fixture'],
  ['a folder per repository', 'example/fixture-5.0.0'],
  ['both', 'example/fixture/5.0.0'],
])('other layouts of a folder of charts: %s', (_, place) => {
  const mirror = mkdtempSync(join(work, 'layout-'));
  const there = join(mirror, place);
  mkdirSync(there, { recursive: true });
  writeFileSync(join(there, 'Chart.yaml'), 'apiVersion: v2\nname: fixture\nversion: 5.0.0\n');
  for (const version of ['5.0.0', 'v5.0.0'])
    if (place !== 'fixture' || version === '5.0.0') expect(findChart([mirror], { name: 'fixture', version })?.folder).toBe(there);
  expect(findChart([mirror], { name: 'fixture', version: '5.0.1' })).toBeNull();
  expect(findChart([mirror], { name: 'fix', version: '5.0.0' })).toBeNull();
});

test('what a killed pull has left behind is not taken for a chart', () => {
  const mirror = mkdtempSync(join(work, 'layout-'));
  const half = join(mirror, '.pulling-x');
  cpSync(join(work, 'source-2.0.0', 'fixture'), join(half, 'fixture-2.0.0'), { recursive: true });
  expect(findChart([mirror], { name: 'fixture', version: '2.0.0' })).toBeNull();
  renameSync(half, join(mirror, 'pulled'));
  expect(findChart([mirror], { name: 'fixture', version: '2.0.0' })).not.toBeNull();
});

test('archives are found in those layouts too, and one that cannot be unpacked is a fault of the input', () => {
  const mirror = join(work, 'deep');
  archive('6.0.0', join(mirror, 'example'));
  const cache = join(work, 'deep-cache');
  expect(findChart([mirror], { name: 'fixture', version: '6.0.0' }, cache)?.digest).toMatch(/^[0-9a-f]{64}$/);
  writeFileSync(join(mirror, 'torn-1.0.0.tgz'), 'no archive');
  const torn = () => findChart([mirror], { name: 'torn', version: '1.0.0' }, cache);
  expect(torn).toThrow(UserError);
  expect(torn).toThrow(/torn-1\.0\.0\.tgz: .*gzip.*; a chart's archive is/);
});

test('stand-ins come unasked only where there are no images for real charts either', () => {
  const charts = [pin];
  const answer = jest.fn(() => true);
  expect(standInHindrance(charts, {}, answer)).toMatch(/only stand-ins for thing 1\.0\.0; FLOTILLA_SOURCES=charts=offline/);
  expect(standInHindrance(charts, { images: 'official' }, () => false)).not.toBeNull();
  expect(standInHindrance(charts, {}, () => false)).toBeNull();
  expect(standInHindrance(charts, { charts: 'offline' }, answer)).toBeNull();
  expect(standInHindrance(charts, { images: 'offline' }, answer)).toBeNull();
  expect(standInHindrance([], {}, answer)).toBeNull();
});

test("a fleet's own folder takes charts out of what repositories are asked for", () => {
  const mirror = join(work, 'own');
  archive('4.0.0', mirror);
  const charts = ['4.0.0', '4.0.1'].map((version) => ({ ...pin, name: 'fixture', version }));
  expect(unmirrored(charts, mirror)).toEqual([charts[1]]);
  expect(unmirrored(charts, null)).toEqual(charts);
});

whenHelm('pulled from a repository', () => {
  const mirror = join(work, 'mirror');
  let web: Web;
  let chart: LockedChart;
  beforeAll(async () => {
    const site = join(work, 'site');
    archive('3.0.0', site);
    execFileSync(helmHere!, ['repo', 'index', site], { stdio: 'ignore' });
    web = await serve(site);
    chart = { repository: web.url, name: 'fixture', version: '3.0.0', digest: null, confirmed: null };
  });
  afterAll(() => web.end());

  test('it is fetched once, its digest is that of the archive, and a second pull finds it there', async () => {
    const first = await pull(helmHere!, mirror, chart);
    expect(first).toMatchObject({ result: 'fetched', digest: digestOf(join(mirror, 'fixture-3.0.0.tgz')) });
    expect(fetchedDigests([first]).size).toBe(1);
    web.end();
    expect(await pull(helmHere!, mirror, chart)).toMatchObject({ result: 'there' });
  });

  test('what cannot be reached says so and leaves nothing', async () => {
    const there = await pull(helmHere!, join(work, 'other'), { ...chart, version: '3.0.1' });
    expect(there).toMatchObject({ result: 'failed', why: expect.stringMatching(/refused|connect|not found/i) });
    expect(existsSync(join(work, 'other', 'fixture-3.0.1.tgz'))).toBe(false);
    expect(fetchedDigests([there]).size).toBe(0);
  });

  test('sabotage: an archive that is not the one of the lock is refused', async () =>
    expect(await pull(helmHere!, mirror, { ...chart, digest: '0'.repeat(64) })).toMatchObject({
      result: 'failed',
      why: expect.stringContaining('another one than the lock knows'),
    }));
});
