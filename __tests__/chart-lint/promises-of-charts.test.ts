import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helmRender } from '../../artifacts/charts/helm';
import { type VerifyOptions, verifyCharts } from '../../chart-lint/verify';
import { everyKindFrom } from '../../config/sources';
import type { ResolvedComponent } from '../../model/resolved-fleet';
import { stageCharts } from '../../runner/deployment/staged-charts';
import { fixture, fleetOf, good } from '../support/fixture-fleet';
import { helmHere, whenHelm } from '../support/programs-here';

const mirror = mkdtempSync(join(tmpdir(), 'flotilla-promises-'));
symlinkSync(fixture, join(mirror, 'fixture-1.2.3'));
afterAll(() => rmSync(mirror, { recursive: true }));

const values = { ...good, secret: 'fixture-keys' };
const kept: Partial<ResolvedComponent> = {
  ready: [{ kind: 'rollout', namespace: 'default', resource: 'deployment/thing' }],
  checks: [{ description: 'it runs', command: ['kubectl', 'rollout', 'status', 'deployment/thing'], hint: 'look' }],
  serves: [{ name: 'thing-fleet', port: 81, selector: { app: 'fixture' } }],
  secrets: [{ name: 'fixture-keys', keys: { key: 'x' } }],
};

function fleetThatSays(more: Partial<ResolvedComponent>): VerifyOptions['model'] {
  const model = fleetOf(values);
  const clusters = model.clusters.map((cluster) => ({
    ...cluster,
    components: cluster.components.map((component) => ({ ...component, ...kept, ...more })),
  }));
  return { ...model, clusters };
}

whenHelm('held against what the chart of the tests really renders', () => {
  const render = helmRender(helmHere!);
  let made: ReturnType<typeof render> | null = null;
  // Which values are read is looked at elsewhere, and takes a render each; what all tests here ask for is rendered once.
  const once: VerifyOptions['render'] = (input) => {
    if (JSON.stringify(input.values) !== JSON.stringify(values)) return Promise.resolve({ text: null, error: 'not asked' });
    made ??= render(input);
    return made;
  };
  const found = async (more: Partial<ResolvedComponent>) =>
    (await verifyCharts({ model: fleetThatSays(more), mirrors: [mirror], render: once, conform: null })).findings;

  test('what is so is found to be so', async () => expect(await found({})).toEqual([]));

  test.each([
    [
      'a renamed deployment',
      { ready: [{ kind: 'rollout', namespace: 'default', resource: 'deployment/fixture' }] },
      'of its kind there are thing',
    ],
    ['a wrong label', { serves: [{ name: 'thing-fleet', port: 81, selector: { app: 'thing' } }] }, 'it has Deployment/thing (app=fixture)'],
    ['a wrong port', { serves: [{ name: 'thing-fleet', port: 80, selector: { app: 'fixture' } }] }, 'it has 81 http'],
    ['a wrong key of a Secret', { secrets: [{ name: 'fixture-keys', keys: { kee: 'x' } }] }, 'reads its key key'],
    ['a Secret of another name', { secrets: [] }, 'Deployment/thing needs the Secret default/fixture-keys: nobody makes it'],
  ] as const)('sabotage: %s', async (_, more, words) =>
    expect(await found(more as Partial<ResolvedComponent>)).toEqual([
      { release: 'one/thing', kind: 'promise', text: expect.stringContaining(words) },
    ]),
  );
});

test('without the chart nothing is said of it, and with one that does not render neither', async () => {
  const render = () => Promise.resolve({ text: null, error: 'no' } as const);
  const wrong = { ready: [{ kind: 'rollout', namespace: 'default', resource: 'deployment/fixture' }] } as const;
  const kinds = async (mirrors: readonly string[]) =>
    (await verifyCharts({ model: fleetThatSays(wrong), mirrors, render, conform: null })).findings.map(({ kind }) => kind);
  expect(await kinds([])).toEqual([]);
  expect(await kinds([mirror])).toEqual(['render']);
});

test('sabotage: an archive that is not the one of the lock is a finding, and is not installed', async () => {
  const work = mkdtempSync(join(tmpdir(), 'flotilla-promises-'));
  cpSync(fixture, join(work, 'source', 'fixture'), { recursive: true });
  execFileSync('tar', ['-czf', join(work, 'fixture-1.2.3.tgz'), '-C', join(work, 'source'), 'fixture']);
  const model = fleetThatSays({});
  const chart = model.clusters[0]!.components[0]!.chart!;
  const render = () => Promise.resolve({ text: null, error: 'no' } as const);
  const kinds = async (digest: string | null) =>
    (await verifyCharts({ model, mirrors: [work], render, conform: null, locked: [{ ...chart, digest, confirmed: null }] })).findings.map(
      ({ kind }) => kind,
    );
  expect(await kinds('0'.repeat(64))).toEqual(['archive', 'render']);
  expect(await kinds(null)).toEqual(['render']);
  const from = { choice: everyKindFrom('offline'), standIns: [] };
  expect(() => stageCharts(model, join(work, 'deployment'), [work], from, [{ ...chart, digest: '0'.repeat(64), confirmed: null }])).toThrow(
    /fixture 1\.2\.3: its archive is another one than the lock knows/,
  );
  rmSync(work, { recursive: true });
});
