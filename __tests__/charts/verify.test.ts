import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChartTree, readsOf } from '../../cli/charts/chart-tree';
import { type ConformInput, conform } from '../../cli/charts/conform';
import { helmRender } from '../../cli/charts/helm';
import { imageFaults, imagesOf } from '../../cli/charts/images';
import { suspects } from '../../cli/charts/suspects';
import type { Values } from '../../cli/charts/values-tree';
import { verifyCharts } from '../../cli/charts/verify';
import type { Manifest } from '../../components/define';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { helmHere, kubeconformHere, schemasHere, whenAll, whenHelm } from './programs-here';

const fixture = join(__dirname, 'fixture');
const mirror = mkdtempSync(join(tmpdir(), 'flotilla-verify-'));
symlinkSync(fixture, join(mirror, 'fixture-1.2.3'));
afterAll(() => rmSync(mirror, { recursive: true }));

/** Everything that the fixture reads, in each way that a chart can. */
const good: Values = {
  replicas: 2,
  image: { tag: '1.36.0' },
  resources: { limits: { memory: '1Mi' } },
  server: { port: 81, folder: '/data' },
  config: { log: { level: 'debug' }, queue: { length: 3 } },
  memory: { enabled: true, port: 6380 },
  owner: 'somebody',
  'a-b': { 'c.d': 'text' },
  global: { zone: 'here' },
};

const fleetOf = (values: Values, resources: readonly Manifest[] = [], version = '1.2.3') =>
  ({
    fleet: 'small',
    kubernetesVersion: '1.35.4',
    clusters: [
      {
        name: 'one',
        role: 'hub',
        components: [
          { id: 'thing', namespace: { name: 'default' }, chart: { repository: '', name: 'fixture', version }, crds: [], values, resources },
        ],
      },
    ],
  }) as unknown as ResolvedFleet;

describe('without Helm', () => {
  test('what templates name is found in every form', () => {
    const template = `{{/* .Values.no */}} {{ .Values.a.b }} {{ $.Values.c | quote }} {{ index .Values "d-e" "f" }} {{ (index .Values.g "h").i }}
      {{ get .Values.j "k" }} {{ dig "l" "m" "x" .Values.n }} {{ $o := .Values.p }}{{ $o.q.r }} {{ include "x" (dict "ctx" .root.Values.s) }}`;
    expect(new Set(readsOf(template).map((path) => path.join('/')))).toEqual(
      new Set(['a/b', 'c', 'd-e/f', 'g', 'g/h/i', 'j', 'j/k', 'n/l/m', 'n/l/m/x', 'p', 'p/q/r', 's']),
    );
  });

  test('subcharts are found below their alias, and what the text does not show is suspect', () => {
    const tree = readChartTree(fixture);
    expect(tree.defaults).toMatchObject({ memory: { size: 1, port: 6379 }, replicas: 1 });
    expect(suspects(good, tree)).toEqual([
      ['server', 'folder'],
      ['config', 'queue'],
    ]);
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
    expect(imagesOf({ spec: { containers: [{ image: 'x:1' }], image: { repository: 'no' }, initContainers: [{ image: 'y:2' }] } })).toEqual(
      ['x:1', 'y:2'],
    );
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
    expect(unchecked.join()).toMatch(/fixture 9\.9\.9 is in no mirror: values of one\/thing not checked.*not held against schemas/);
  });
});

whenHelm('with the real Helm', () => {
  const verify = async (values: Values) =>
    (await verifyCharts({ model: fleetOf(values), mirrors: [mirror], render: helmRender(helmHere!), conform: null })).findings;

  test('values that are all read are clean, also in a chart that makes things up and dumps all that it gets', async () =>
    expect(await verify(good)).toEqual([]));

  test.each<[string, Values, string]>([
    ['a key that nobody knows', { replica: 2 }, 'replica'],
    ['a wrong key beside right ones', { image: { tag: '1.36.0', tags: 'x' } }, 'image.tags'],
    ['a wrong key in a map that is looked into', { server: { port: 81, prot: 82 } }, 'server.prot'],
    ['a wrong key of a subchart', { memory: { enabled: true, sise: 3 } }, 'memory.sise'],
    ['a subchart by its name where it has an alias', { cache: { size: 3 } }, 'cache'],
    ['a key that only a comment names', { mentioned: true }, 'mentioned'],
    ['the removal of what is not there', { server: { port: 81, nothing: null } }, 'server.nothing'],
  ])('sabotage: %s is a ghost value', async (_, bad, path) => {
    const findings = await verify({ ...good, ...bad });
    expect(findings).toEqual([{ release: 'one/thing', kind: 'ghost', text: `${path}: the chart does not read it` }]);
  });

  test('sabotage: a wrong type', async () => {
    const [finding, ...others] = await verify({ ...good, replicas: 'two' });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'render', text: expect.stringMatching(/replicas/) });
  });

  test('sabotage: an image that changes every day', async () =>
    expect(await verify({ ...good, image: { tag: 'latest' } })).toMatchObject([
      { kind: 'image', text: expect.stringContaining('busybox:latest') },
    ]));
});

whenAll('with the real kubeconform', () => {
  const tools = { kubeconform: kubeconformHere!, schemas: schemasHere! };
  const verify = (values: Values, resources: readonly Manifest[] = []) =>
    verifyCharts({
      model: fleetOf(values, resources),
      mirrors: [mirror],
      render: helmRender(helmHere!),
      conform: (inputs: readonly ConformInput[]) => conform(inputs, tools),
    });
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Cluster',
      names: { plural: 'boats', kind: 'Boat' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  required: ['sails'],
                  properties: { sails: { type: 'integer' }, port: { 'x-kubernetes-int-or-string': true } },
                },
              },
            },
          },
        },
      ],
    },
  };
  const boat = (spec: object) => ({ apiVersion: 'example.org/v1', kind: 'Boat', metadata: { name: 'a' }, spec });

  test('right objects pass, and what there is no definition of is said', async () => {
    const stranger = { apiVersion: 'foreign.org/v1', kind: 'Thing', metadata: { name: 'b' } };
    const { findings, unchecked, valid } = await verify(good, [crd, boat({ sails: 2, port: 'http' }), stranger]);
    expect({ findings, valid }).toEqual({ findings: [], valid: 6 });
    expect(unchecked).toEqual(['no definition is here of 1 × foreign.org/v1 Thing: fields of these objects not checked']);
  });

  test('sabotage: fields that do not exist, wrong types and missing ones, in objects of Kubernetes and in custom ones', async () => {
    const { findings } = await verify({ ...good, resources: { limit: { memory: '1Mi' } } }, [
      crd,
      boat({ sails: 'two' }),
      boat({ sails: 2, mast: 1 }),
      boat({}),
    ]);
    expect(findings.map(({ kind }) => kind)).toEqual(['object', 'object', 'object', 'object']);
    for (const word of ["'limit' not allowed", 'sails: got string', "'mast' not allowed", "missing property 'sails'"])
      expect(findings.filter(({ text }) => text.includes(word))).toHaveLength(1);
  });
});
