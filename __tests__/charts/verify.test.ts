import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChartTree, readsOf } from '../../cli/charts/chart-tree';
import { imageFaults, imagesOf } from '../../cli/charts/images';
import { suspects } from '../../cli/charts/suspects';
import { verifyCharts } from '../../cli/charts/verify';
import { fixture, fleetOf, good } from './fixture-fleet';

const mirror = mkdtempSync(join(tmpdir(), 'flotilla-verify-'));
symlinkSync(fixture, join(mirror, 'fixture-1.2.3'));
afterAll(() => rmSync(mirror, { recursive: true }));

test('what templates name is found in every form', () => {
  const template = `{{/* .Values.no */}} {{ .Values.a.b }} {{ $.Values.c | quote }} {{ index .Values "d-e" "f" }} {{ (index .Values.g "h").i }}
    {{ get .Values.j "k" }} {{ dig "l" "m" "x" .Values.n }} {{ $o := .Values.p }}{{ $o.q.r }} {{ include "x" (dict "ctx" .root.Values.s) }}`;
  expect(new Set(readsOf(template).map((path) => path.join('/')))).toEqual(
    new Set(['a/b', 'c', 'd-e/f', 'g', 'g/h/i', 'j', 'j/k', 'n', 'n/l/m', 'n/l/m/x', 'p', 'p/q/r', 's']),
  );
});

test('subcharts are found below their alias, and what the text does not show is suspect', () => {
  const tree = readChartTree(fixture);
  expect(tree.defaults).toMatchObject({ memory: { size: 1, port: 6379 }, replicas: 1 });
  expect(suspects(good, tree).map(({ path }) => path.join('.'))).toEqual([
    'resources.limits.memory',
    'server.folder',
    'shelves.top.height',
    'config.queue.length',
    'spare.annotations.example.org/note',
    'who',
    'notes.example.org/a',
    'deep.er.est',
    'got.it',
  ]);
});

test('a packed subchart is read like any other, and nothing stays of its unpacking', () => {
  const packed = join(mirror, 'packed');
  cpSync(fixture, packed, { recursive: true });
  const subcharts = join(packed, 'charts');
  execFileSync('tar', ['-czf', join(subcharts, 'cache.tgz'), '-C', subcharts, 'cache']);
  rmSync(join(subcharts, 'cache'), { recursive: true });
  const unpacked = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('flotilla-subchart'));
  const before = unpacked();
  expect(readChartTree(packed)).toEqual(readChartTree(fixture));
  expect(unpacked()).toEqual(before);
});

test('images that are gone or change are refused', () => {
  const images = [
    'docker.io/bitnami/redis:7',
    'bitnamilegacy/os-shell:12',
    'quay.io/minio/minio:RELEASE',
    'a.b/c:latest',
    'a.b:5000/c',
    'a.b/c:1',
    'a.b/c@sha256:00',
  ];
  expect(imageFaults(images).map(({ image }) => image)).toEqual(images.slice(0, 5));
  expect(imagesOf({ spec: { containers: [{ image: 'x:1' }], image: { repository: 'no' }, initContainers: [{ image: 'y:2' }] } })).toEqual([
    'x:1',
    'y:2',
  ]);
});

test('without the chart it says what it did not check, and finds nothing wrong', async () => {
  const render = () => Promise.reject(new Error('nothing to render'));
  const { findings, unchecked, rendered } = await verifyCharts({
    model: fleetOf(good, [], '9.9.9'),
    mirrors: [mirror],
    render,
    conform: null,
  });
  expect({ findings, rendered }).toEqual({ findings: [], rendered: 0 });
  expect(unchecked.join()).toMatch(
    /fixture 9\.9\.9 is in no mirror: values, names and ports of one\/thing not checked.*not held against schemas/,
  );
});
