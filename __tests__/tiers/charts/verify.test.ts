import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helmRender } from '../../../artifacts/charts/helm';
import type { Values } from '../../../artifacts/charts/values-tree';
import { type ConformInput, conform } from '../../../chart-lint/conform';
import { verifyCharts } from '../../../chart-lint/verify';
import type { Manifest } from '../../../components/define';
import { fixture, fleetOf, good, locked } from '../../support/fixture-fleet';
import { helmHere, kubeconformHere, schemasHere, whenAll, whenHelm } from '../../support/programs-here';

const mirror = mkdtempSync(join(tmpdir(), 'flotilla-verify-'));
symlinkSync(fixture, join(mirror, 'fixture-1.2.3'));
afterAll(() => rmSync(mirror, { recursive: true }));

whenHelm('with the real Helm', () => {
  const verify = async (values: Values) =>
    (await verifyCharts({ model: fleetOf(values), mirrors: [mirror], render: helmRender(helmHere!), conform: null, locked })).findings;

  test('values that are all read are clean, also in a chart that makes things up', async () => expect(await verify(good)).toEqual([]));

  test('a chart that writes all its values down: what only shows there is not checked, and said', async () => {
    const model = fleetOf({ ...good, dump: true, replica: 2 });
    const { findings, unchecked } = await verifyCharts({ model, mirrors: [mirror], render: helmRender(helmHere!), conform: null, locked });
    expect({ findings, unchecked }).toEqual({
      findings: [],
      unchecked: [
        // Of a part that is switched off: that, too, cannot be told.
        expect.stringMatching(/^thing: spare\.annotations\."example\.org\/note": the chart only hands/),
        expect.stringMatching(/^thing: replica: the chart only hands/),
        'objects were not held against schemas',
      ],
    });
  });

  test('sabotage: each key that nothing reads is found, and only those', async () => {
    const ghosts: Readonly<Record<string, Values>> = {
      // Nobody knows it; or only a comment does.
      replica: { replica: 2 },
      mentioned: { mentioned: true },
      // Beside right ones; in a map that is looked into; the removal of what is not there.
      'image.tags': { image: { tag: '1.36.0', tags: 'x' } },
      'server.prot': { server: { port: 81, folder: '/data', prot: 82, nothing: null } },
      'server.nothing': {},
      // In a map that the chart goes through key by key.
      'shelves.top.hight': { shelves: { top: { height: '3', hight: '4' } } },
      // Of a subchart; of a subchart by its name where it has an alias.
      'memory.sise': { memory: { enabled: true, port: 6380, sise: 3 } },
      'cache.size': { cache: { size: 3 } },
      // Beside keys that are read by a template of ours, a loop, a function with a part of the values.
      whom: { whom: 'you' },
      'deep.er.ost': { deep: { er: { est: 1, ost: 2 } } },
      'got.that': { got: { it: 'now', that: 'then' } },
      // Of the pod of `helm test`, beside a key that it reads.
      'tests.image': { tests: { ...(good.tests as Values), image: 'x' } },
    };
    const found = await verify(Object.assign({}, good, ...Object.values(ghosts)));
    expect(found.every(({ kind, release }) => kind === 'ghost' && release === 'one/thing')).toBe(true);
    expect(found.map(({ text }) => text).sort()).toEqual(
      Object.keys(ghosts)
        .map((path) => `${path}: the chart does not read it`)
        .sort(),
    );
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
      locked,
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
