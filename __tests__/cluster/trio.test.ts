import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { FleetStatus } from '../../cli/run/status';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { type Ended, root, flotilla as shown, start } from './lab-command';
import { assertMayDestroy } from './may-destroy';
import { outOfOrder, runsOf } from './recorded-order';
import { remains } from './remains';

// Everything that the three clusters of `trio` install, by the real Helm provider. Charts that cannot be had here are stand-ins: what is shown is
// order, values, namespaces, secrets and steps, and Vault itself, not that the software behind the other charts works.
const folder = join(root, '.flotilla', 'trio+nspawn@nspawn');
const overlay = ['--overlay', 'nspawn'];
const flotilla = (verb: string, ...args: string[]): Promise<Ended> => shown(verb, ...overlay, ...args);
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const clusters = ['mgmt', 'app1', 'app2'];

interface FleetFile {
  clusters: { name: string; components?: { add?: string[]; remove?: string[]; values?: object } }[];
}

/** `fleets/trio.yaml` with something changed, as a file of its own. */
function trio(change: (components: (cluster: string) => NonNullable<FleetFile['clusters'][0]['components']>) => void = () => {}): string {
  const fleet: FleetFile = parse(readFileSync(join(root, 'fleets', 'trio.yaml'), 'utf8'));
  change((name) => {
    const cluster = fleet.clusters.find((one) => one.name === name)!;
    cluster.components ??= {};
    return cluster.components;
  });
  const file = join(mkdtempSync(join(tmpdir(), 'flotilla-')), 'trio.yaml');
  writeFileSync(file, stringify(fleet));
  return file;
}

function kubectl(cluster: string, ...args: string[]): string {
  const words = [`--kubeconfig=${folder}/kubeconfig/${cluster}`, '--request-timeout=20s', ...args];
  return execFileSync(join(read('sources.json').bin, 'kubectl'), words, { encoding: 'utf8', timeout: 120_000 });
}

/** `<namespace>/<release>` to its newest revision and what Helm says of that one. */
function releases(cluster: string): ReadonlyMap<string, { revision: number; status: string }> {
  const columns =
    'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.labels.name} {.metadata.labels.version} {.metadata.labels.status}{"\\n"}{end}';
  const found = new Map<string, { revision: number; status: string }>();
  for (const line of kubectl(cluster, 'get', 'secrets', '--all-namespaces', '--selector=owner=helm', `--output=${columns}`)
    .trim()
    .split('\n')) {
    const [name, version, status] = line.split(' ') as [string, string, string];
    if (Number(version) > (found.get(name)?.revision ?? 0)) found.set(name, { revision: Number(version), status });
  }
  return found;
}

const allReleases = () =>
  Object.fromEntries(
    clusters.flatMap((cluster) => [...releases(cluster)].map(([name, { revision }]) => [`${cluster}: ${name}`, revision])),
  );

async function model(file: string): Promise<ResolvedFleet> {
  const { output } = await start('model', '--fleet', file, ...overlay, '--json').ended;
  return JSON.parse(output.slice(output.indexOf('{')));
}

async function status(): Promise<FleetStatus> {
  const { output } = await start('status', '--fleet', trio(), ...overlay, '--json').ended;
  return JSON.parse(output.slice(output.indexOf('{')));
}

let uid = '';
beforeAll(async () => {
  assertMayDestroy(folder);
  expect((await flotilla('destroy', '--fleet', trio(), '--yes')).code).toBe(0);
});
afterAll(async () => {
  if (existsSync(join(folder, 'deployment.json'))) await flotilla('destroy', '--fleet', trio(), '--yes');
});

test('up installs everything on the three clusters', async () => {
  const { code, output } = await flotilla('up', '--fleet', trio());
  expect(code).toBe(0);
  expect(output).toMatch(/idle while ready \d/);
  expect(output).toContain('STAND-INS, not the real software');
  uid = read('deployment.json').uid;
  for (const { name, components } of (await model(trio())).clusters) {
    const there = releases(name);
    expect([...there].filter(([, { status: said }]) => said !== 'deployed')).toEqual([]);
    for (const { id, namespace } of components) expect([...there.keys()]).toContain(`${namespace.name}/${id}`);
  }
  expect((await status()).clusters.map(({ name, ready }) => [name, ready])).toEqual(clusters.map((name) => [name, true]));
});

test('nothing was begun before what it depends on was over, and agents waited for nothing of the hub', async () => {
  const [run] = runsOf(folder).slice(-1);
  const { clusters: members } = await model(trio());
  expect(members.flatMap(({ name, components }) => outOfOrder(run!, name, components))).toEqual([]);
  // The twin: with an edge that was never there the same question finds fault.
  const [mgmt] = members;
  const reversed = mgmt!.components.map((one) => (one.id === 'local-path' ? { ...one, dependsOn: ['goldilocks'] } : one));
  expect(outOfOrder(run!, 'mgmt', reversed)).not.toEqual([]);
});

test('a second up changes nothing and says so', async () => {
  const before = allReleases();
  const { code, output } = await flotilla('up', '--fleet', trio());
  expect([code, output]).toEqual([0, expect.stringContaining('nothing to do')]);
  expect(allReleases()).toEqual(before);
});

const withoutVpa = (file: Parameters<Parameters<typeof trio>[0] & object>[0]): void => {
  const app2 = file('app2');
  app2.remove = [...(app2.remove ?? []), 'vpa', 'goldilocks'];
};

test('a component that is taken out of the file goes, and nothing else is touched', async () => {
  const before = allReleases();
  expect((await flotilla('up', '--fleet', trio(withoutVpa))).code).toBe(0);
  const expected = Object.fromEntries(Object.entries(before).filter(([name]) => !/^app2: (vpa|goldilocks)\//.test(name)));
  expect(Object.keys(expected).length).toBeLessThan(Object.keys(before).length);
  expect(allReleases()).toEqual(expected);
  const namespaces = kubectl('app2', 'get', 'namespaces', '--output=name');
  expect(namespaces).not.toMatch(/namespace\/(vpa|goldilocks)\n/);
});

const stranger = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'verticalpodautoscalers.autoscaling.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } },
  spec: {
    group: 'autoscaling.k8s.io',
    scope: 'Namespaced',
    names: { plural: 'verticalpodautoscalers', singular: 'verticalpodautoscaler', kind: 'VerticalPodAutoscaler' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

test('a release that fails stops only what needs it, while one changed value changes one release elsewhere', async () => {
  const before = allReleases();
  const file = join(mkdtempSync(join(tmpdir(), 'flotilla-')), 'stranger.json');
  writeFileSync(file, JSON.stringify(stranger));
  kubectl('app2', 'create', '--filename', file);
  const changed = trio((of) => {
    of('app1').values = { 'kube-prometheus-stack': { fullnameOverride: 'kube-prometheus-stack', 'flotilla-test': 1 } };
  });
  const { code, output } = await flotilla('up', '--fleet', changed);
  expect(code).toBe(1);
  expect(output).toMatch(/helm_release\.vpa/);
  const after = allReleases();
  const differing = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name] && !name.endsWith('/vpa'));
  expect(differing).toEqual(['app1: monitoring/kube-prometheus-stack']);
  expect(releases('app2').has('goldilocks/goldilocks')).toBe(false);
  // What was asked for and is healed by taking the hindrance away.
  kubectl('app2', 'delete', '--filename', file, '--wait');
  expect((await flotilla('up', '--fleet', changed)).code).toBe(0);
  expect(releases('app2').get('goldilocks/goldilocks')?.status).toBe('deployed');
  expect((await flotilla('up', '--fleet', changed)).output).toContain('nothing to do');
});

test('destroy leaves nothing', async () => {
  expect(remains(uid)).not.toEqual([]);
  expect((await flotilla('destroy', '--fleet', trio(), '--yes')).code).toBe(0);
  expect(remains(uid)).toEqual([]);
});
