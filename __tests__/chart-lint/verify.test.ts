import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChartTree, readsOf } from '../../artifacts/charts/chart-tree';
import { documentsOf } from '../../artifacts/charts/helm';
import { suspects } from '../../chart-lint/candidates';
import { objectsOf } from '../../chart-lint/conform';
import { imageFaults, imagesOf } from '../../chart-lint/images';
import { verifyCharts } from '../../chart-lint/verify';
import { said } from '../../cli/chart-verification';
import { UserError } from '../../config/problem';
import { fixture, fleetOf, good } from '../support/fixture-fleet';
import { configMap, workload } from './rendered';

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
    'tests.securityContext.seccompProfile.type',
  ]);
});

test('a packed subchart says the same as an unpacked one, and leaves nothing behind', () => {
  const work = mkdtempSync(join(tmpdir(), 'flotilla-verify-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = work;
  try {
    const chart = join(mirror, 'packed');
    cpSync(fixture, chart, { recursive: true });
    execFileSync('tar', ['-czf', join(chart, 'charts', 'cache-0.1.0.tgz'), '-C', join(chart, 'charts'), 'cache']);
    rmSync(join(chart, 'charts', 'cache'), { recursive: true });
    expect(readChartTree(chart)).toEqual(readChartTree(fixture));
    expect(readdirSync(work)).toEqual([]);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(work, { recursive: true });
  }
});

test('a folder that holds no chart, and a packed subchart that is torn, are faults of the input', () => {
  expect(() => readChartTree(join(mirror, 'nowhere'))).toThrow(UserError);
  const chart = join(mirror, 'torn');
  cpSync(fixture, chart, { recursive: true });
  writeFileSync(join(chart, 'charts', 'other-1.0.0.tgz'), 'torn');
  expect(() => readChartTree(chart)).toThrow(/other-1\.0\.0\.tgz: .*bring it again/);
});

test('anchors and merges in what a chart renders are read as Kubernetes gets them', () => {
  const text = '---\n# Source: a/templates/x.yaml\nkind: A\nx: &same { b: 1 }\ny: { <<: *same, c: 2 }\n';
  expect(objectsOf(documentsOf(text))).toEqual([{ kind: 'A', x: { b: 1 }, y: { b: 1, c: 2 } }]);
});

test('clusters that ask for the same are rendered once', async () => {
  const render = jest.fn(async () => ({ text: '', error: null }) as const);
  const model = fleetOf({}, [], '1.2.3');
  const [one] = model.clusters;
  const { rendered } = await verifyCharts({
    model: { ...model, clusters: [one!, { ...one!, name: 'two' }] },
    mirrors: [mirror],
    render,
    conform: null,
  });
  expect([rendered, render.mock.calls.length]).toEqual([2, 1]);
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

test('what was not checked is said last, and louder when that is everything', () => {
  const found = { findings: [], rendered: 1, valid: 2, checked: ['d'], notes: ['a'], unchecked: ['b', 'c'] };
  expect(said(found, 'small', []).split('\n')).toEqual([
    'note: a',
    'checked: d',
    expect.stringMatching(/^small: 1 releases .* 0 faults, 2 things not checked$/),
    'NOT CHECKED: b',
    'NOT CHECKED: c',
  ]);
  expect(said({ ...found, rendered: 0 }, 'small', [])).toMatch(/\nNO CHART IS HERE: .*\nNOT CHECKED: b\nNOT CHECKED: c$/);
});

test('every check of what no single object shows is made, and what it finds is a finding of its kind', async () => {
  const pod = { initContainers: [{ name: 'a', image: 'registry.example.org/grafana/loki:1', resources: { requests: { memory: '9Gi' } } }] };
  const dashboard = { title: 'a', panels: [{ title: 'b', targets: [{ datasource: { type: 'loki' }, expr: '{a="b"}' }] }] };
  const objects = [workload('Deployment', 'web', pod), configMap({ 'a.json': JSON.stringify(dashboard) })];
  const model = { ...fleetOf({}, [], '1.2.3'), provider: { addresses: 'assigned' } } as ReturnType<typeof fleetOf>;
  const indices = mkdtempSync(join(tmpdir(), 'flotilla-indices-'));
  mkdirSync(join(indices, 'indices/charts.example.org'), { recursive: true });
  writeFileSync(join(indices, 'indices/charts.example.org/index.yaml'), 'entries:\n  fixture:\n  - version: 1.3.0\n');
  const [cluster] = model.clusters;
  const components = cluster!.components.map((one) => ({ ...one, chart: { ...one.chart!, repository: 'https://charts.example.org' } }));
  const { findings } = await verifyCharts({
    model: { ...model, clusters: [{ ...cluster!, components }] },
    mirrors: [mirror, indices],
    render: async () => ({ text: objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(''), error: null }),
    conform: null,
    queryParser: { parse: async () => ['refused'] },
  });
  rmSync(indices, { recursive: true });
  expect(findings.every(({ release }) => release === 'one/thing')).toBe(true);
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['unpublished', 'registry', 'query', 'phone-home', 'sum']));
});
