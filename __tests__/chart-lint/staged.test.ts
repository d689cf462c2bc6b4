import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStandIn } from '../../artifacts/stub-chart';
import { everyKindFrom, type Source } from '../../config/sources';
import { sayStandIns } from '../../runner/cluster/stubs';
import { stageCharts } from '../../runner/deployment/staged-charts';
import { fixture, fleetOf, good } from '../support/fixture-fleet';

const work = mkdtempSync(join(tmpdir(), 'flotilla-staged-'));
const mirror = mkdtempSync(join(tmpdir(), 'flotilla-staged-mirror-'));
symlinkSync(fixture, join(mirror, 'fixture-1.2.3'));
afterAll(() => {
  for (const folder of [work, mirror]) rmSync(folder, { recursive: true });
});

const model = fleetOf(good);
const from = (charts: Source, standIns: readonly string[] = []) => ({ choice: { ...everyKindFrom('offline'), charts }, standIns });
const chart = join(work, 'charts', 'fixture-1.2.3');

test('a chart that a mirror has is taken from there, whatever the source', () => {
  for (const source of ['offline', 'official'] as const) {
    expect(stageCharts(model, work, [join(work, 'nowhere'), mirror], from(source))).toEqual({ folder: join(work, 'charts'), standIns: [] });
    expect(realpathSync(chart)).toBe(realpathSync(fixture));
    expect(isStandIn(chart)).toBe(false);
  }
});

test('offline, one that nobody has is a stand-in of the same name and version, and is named', () => {
  expect(stageCharts(model, work, [], from('offline')).standIns).toMatchObject([{ name: 'fixture', version: '1.2.3' }]);
  expect(isStandIn(chart)).toBe(true);
  expect(readFileSync(join(chart, 'Chart.yaml'), 'utf8')).toMatch(/^name: fixture\nversion: 1\.2\.3$/m);
});

test('official, it comes from its repository, and what was staged before is gone', () => {
  expect(stageCharts(model, work, [], from('official')).standIns).toEqual([]);
  expect(existsSync(chart)).toBe(false);
});

test('a report says plainly what is no real software', () =>
  expect(sayStandIns([{ cluster: 'hub', releases: ['a (b 1.0.0)', 'c (d 2.0.0, which runs the real D 1)'] }])).toEqual([
    'hub: 2 STAND-INS, not the real software: a (b 1.0.0); c (d 2.0.0, which runs the real D 1)',
  ]));
