import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describeDeployment } from '../../runner/deployment/deployment';
import { differingPaths, type Look } from '../../runner/drift/difference';
import { lookForDrift } from '../../runner/drift/look';
import { driftOf } from '../../runner/drift/resources';
import { load, resolveFresh } from '../support/fleet-fixture';

const work = mkdtempSync(join(tmpdir(), 'flotilla-drift-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A value that must never be told, only where it is. */
const canary = 'hunter2-canary';
const folder = join(work, '.flotilla', 'lab@nspawn');
const answers = join(work, 'answers');
const bin = join(work, 'bin');
const full = resolveFresh(load('lab'));
const scripts = join(work, 'scripts');
const hub = full.clusters[0]!;
const model = {
  ...full,
  provider: { ...full.provider, scripts },
  clusters: [hub],
  stacks: full.stacks.filter(({ cluster }) => cluster === null || cluster === 'hub'),
};
const deployment = describeDeployment(model, folder, bin, null);

const write = (path: string, content: string | object, mode = 0o644): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
};
const answer = (name: string, content: string | object): void => write(join(answers, name), content);
const calls = (): readonly string[] =>
  existsSync(join(work, 'calls')) ? readFileSync(join(work, 'calls'), 'utf8').trim().split('\n') : [];

/** Programs that write down how they were called and answer from files; one without an answer fails. */
const terraform = `#!/bin/sh
echo "terraform $(basename "$PWD") $*" >>'${join(work, 'calls')}'
case "$1" in
  init) exit 0 ;;
  plan) for word; do case "$word" in -out=*) echo plan >"\${word#-out=}" ;; esac; done ;;
  show) exec cat '${answers}'/plan-"$(basename "$PWD")" ;;
  *) exit 1 ;;
esac
`;
const kubectl = `#!/bin/sh
echo "kubectl $*" >>'${join(work, 'calls')}'
case "$*" in
  *readyz*) exec cat '${answers}/readyz' ;;
  *get\\ nodes*) exec cat '${answers}/nodes' ;;
  *get\\ secrets*) exec cat '${answers}/secrets' ;;
  *ignore-not-found*) exec cat '${answers}/live' ;;
  *apply*) exec cat '${answers}/again' ;;
  *api-resources*) echo 'storageclasses sc storage.k8s.io/v1 false StorageClass' ;;
  *) exit 1 ;;
esac
`;

const lease = (...nodes: string[]) => ({
  mode: 'managed',
  type: 'null_resource',
  name: 'lease',
  instances: nodes.map((node) => ({ index_key: node })),
});
const machine = (node: string, size: object) => ({
  mode: 'managed',
  type: 'null_resource',
  name: `machine-${node}`,
  instances: [{ attributes: { triggers: { input: JSON.stringify({ node, ...size }) } } }],
});
const size = { role: 'worker', address: '10.77.0.12', cpus: 2, memoryMiB: 1536, diskGiB: 20 };
const deploymentObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'demo', namespace: 'demo' },
  spec: { replicas: 2 },
};
const release = (manifest: string): string => Buffer.from(gzipSync(JSON.stringify({ manifest })).toString('base64')).toString('base64');
const namesOf = hub.nodes.map(({ name }) => name);
const statesOf = (changed: Record<string, string> = {}) => namesOf.map((node) => ({ node, state: changed[node] ?? 'running' }));
const plan = (...drift: object[]) => ({ resource_drift: drift });

/** Everything as the last `up` left it. */
function untouched(): void {
  rmSync(work, { recursive: true });
  write(join(bin, 'terraform'), terraform, 0o755);
  write(join(bin, 'kubectl'), kubectl, 0o755);
  write(join(scripts, 'machines.sh'), `cat '${join(answers, 'machines')}'\n`);
  answer('machines', { machines: statesOf() });
  for (const file of ['sources.json', 'deployment.json']) write(join(folder, file), '{}');
  write(join(folder, 'kubeconfig/hub'), 'server: https://10.77.0.11:6443\n');
  for (const node of namesOf) write(join(folder, 'nodes', `${node}.json`), { node, ...size });
  const states = {
    foundation: [lease('host')],
    hub: [lease(...namesOf), ...namesOf.map((node) => machine(node, size))],
    'hub-platform': [{ mode: 'managed', type: 'helm_release', name: 'demo', instances: [{}] }],
  };
  for (const [stack, resources] of Object.entries(states)) {
    write(join(folder, 'state', `${stack}.tfstate`), { resources });
    write(join(folder, 'applied/stacks', stack, 'cdk.tf.json'), '{}');
    answer(`plan-${stack}`, plan());
  }
  answer('readyz', 'ok');
  answer('nodes', { items: namesOf.map((name) => ({ metadata: { name } })) });
  const storageClass = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'quick' } };
  const manifest = [deploymentObject, storageClass].map((object) => `---\n${JSON.stringify(object)}\n`).join('');
  answer('secrets', {
    items: [{ metadata: { namespace: 'demo', labels: { name: hub.components.at(-1)!.id } }, data: { release: release(manifest) } }],
  });
  answer('live', { kind: 'List', items: [deploymentObject, storageClass] });
  answer('again', { kind: 'List', items: [deploymentObject, storageClass] });
}
beforeEach(untouched);

/** `where: what address paths`, and `where: cannot look`. */
const told = (places: readonly Look[]): readonly string[] =>
  places.flatMap(({ where, differences, errors }) => [
    ...differences.map(({ what, address, paths }) => [`${where}:`, what, address, ...paths].join(' ')),
    ...(errors.length > 0 ? [`${where}: cannot look`] : []),
  ]);

test('nothing is found where nothing was touched, in every place, and nothing is changed', async () => {
  const before = ['foundation', 'hub', 'hub-platform'].map((stack) => readFileSync(deployment.stateFile(stack), 'utf8'));
  const places = await lookForDrift(deployment);
  expect(places.map(({ where }) => where)).toEqual(['machines', 'foundation', 'hub', 'hub-platform']);
  expect(told(places)).toEqual([]);
  expect(before).toEqual(['foundation', 'hub', 'hub-platform'].map((stack) => readFileSync(deployment.stateFile(stack), 'utf8')));
  expect(changers(calls())).toEqual([]);
});

/** Calls by which something could have been changed. */
const changers = (made: readonly string[]): readonly string[] => [
  ...made.filter((call) => /^terraform \S+ (apply|destroy|refresh|state|import)/.test(call)),
  ...made.filter((call) => /^terraform \S+ plan/.test(call) && !(call.includes('-refresh-only') && call.includes('-lock=false'))),
  ...made.filter((call) => /^kubectl .* (apply|delete|create|patch|replace|edit)\b/.test(call) && !call.includes('--dry-run=server')),
];

test('a call that changes something would be found out', () => {
  const looked = calls();
  expect(changers([...looked, 'terraform hub apply -refresh-only'])).toHaveLength(1);
  expect(changers([...looked, 'kubectl --kubeconfig=x apply --server-side'])).toHaveLength(1);
});

test('machines that are off, gone or strangers, and a record that was edited or deleted', async () => {
  const [cp, worker] = namesOf as [string, string];
  answer('machines', {
    machines: [...statesOf({ [cp]: 'stopped', [worker]: 'absent' }), { node: 'stray', state: 'running', unknown: true }],
  });
  expect(told(await lookForDrift(deployment))).toEqual([`machines: off ${cp}`, `machines: gone ${worker}`, 'machines: strange stray']);
  answer('machines', { machines: statesOf() });
  write(join(folder, 'nodes', `${worker}.json`), { node: worker, ...size, memoryMiB: 4096, cpus: 8 });
  rmSync(join(folder, 'nodes', `${cp}.json`));
  expect(told(await lookForDrift(deployment))).toEqual([
    `machines: deleted nodes/${cp}.json`,
    `machines: changed nodes/${worker}.json cpus memoryMiB`,
  ]);
});

test('a Node that was deleted and one that nobody knows', async () => {
  answer('nodes', { items: [{ metadata: { name: namesOf[0] } }, { metadata: { name: 'stray' } }] });
  expect(told(await lookForDrift(deployment))).toEqual([`hub: deleted Node ${namesOf[1]}`, 'hub: strange Node stray']);
});

test('what Terraform sees, by address and path, never by value', async () => {
  const change = (actions: string[], before: unknown, after: unknown) => ({ actions, before, after });
  const namespace = (labels: object, version: string) => ({ metadata: [{ name: 'demo', labels, resource_version: version }] });
  answer(
    'plan-hub-platform',
    plan(
      { address: 'helm_release.gone', mode: 'managed', change: change(['delete'], {}, null) },
      {
        address: 'kubernetes_namespace_v1.demo',
        mode: 'managed',
        change: change(['update'], namespace({}, '1'), namespace({ 'my/team': canary }, '2')),
      },
      { address: 'kubernetes_namespace_v1.busy', mode: 'managed', change: change(['update'], namespace({}, '1'), namespace({}, '2')) },
      { address: 'data.x.y', mode: 'data', change: change(['update'], {}, { a: 1 }) },
    ),
  );
  const places = await lookForDrift(deployment);
  expect(told(places)).toEqual([
    'hub-platform: deleted helm_release.gone',
    'hub-platform: changed kubernetes_namespace_v1.demo metadata[0].labels["my/team"]',
  ]);
  expect(JSON.stringify(places)).not.toContain(canary);
  // The twin: a plan whose difference is the value itself would show it.
  const bare = { address: 'x', mode: 'managed', change: change(['update'], {}, { [canary]: 1 }) };
  expect(JSON.stringify(driftOf(plan(bare) as Parameters<typeof driftOf>[0]))).toContain(canary);
});

test('objects of a release that were edited or deleted behind Helm, with what the server itself counts left out', async () => {
  const live = {
    ...deploymentObject,
    metadata: { ...deploymentObject.metadata, resourceVersion: '7', generation: 3 },
    spec: { replicas: 5 },
  };
  answer('live', { kind: 'List', items: [live] });
  answer('again', { ...deploymentObject, metadata: { ...deploymentObject.metadata, resourceVersion: '8', managedFields: [] }, status: {} });
  expect(told(await lookForDrift(deployment))).toEqual([
    'hub-platform: changed Deployment demo/demo spec.replicas',
    'hub-platform: deleted StorageClass quick',
  ]);
});

describe('what cannot be looked at is never "no drift"', () => {
  test('a dead API: Terraform is not even asked, it would drop every release without a word', async () => {
    rmSync(join(answers, 'readyz'));
    answer(
      'plan-hub-platform',
      plan({ address: 'helm_release.demo', mode: 'managed', change: { actions: ['delete'], before: {}, after: null } }),
    );
    const places = await lookForDrift(deployment);
    expect(told(places)).toEqual(['hub: cannot look', 'hub-platform: cannot look']);
    expect(calls().filter((call) => /^terraform hub-platform/.test(call))).toEqual([]);
  });

  test.each([
    ['releases that cannot be read', () => rmSync(join(answers, 'secrets')), 'hub-platform'],
    ['a server that refuses to compare', () => rmSync(join(answers, 'again')), 'hub-platform'],
    ['nodes that cannot be read', () => rmSync(join(answers, 'nodes')), 'hub'],
    ['a kept copy that is gone', () => rmSync(join(folder, 'applied/stacks/foundation'), { recursive: true }), 'foundation'],
    ['a plan that cannot be shown', () => rmSync(join(answers, 'plan-hub')), 'hub'],
  ])('%s', async (_, spoil, where) => {
    spoil();
    expect(told(await lookForDrift(deployment))).toEqual([`${where}: cannot look`]);
  });
});

test('paths of what differs', () => {
  expect(differingPaths({ a: [{ b: 1 }, 2], c: null }, { a: [{ b: 2 }, 2, 3] })).toEqual(['a[0].b', 'a[2]']);
  expect(differingPaths({ 'x/y': { z: 1 } }, { 'x/y': {} })).toEqual(['["x/y"].z']);
  expect(differingPaths({ a: 1 }, { a: { b: 1 } })).toEqual(['a']);
});
