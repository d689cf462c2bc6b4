import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineProvider } from '../../machines/define';
import { describeDeployment } from '../../runner/deployment/deployment';
import { plannedResizes, replacedAddresses, restartResized, sayResize, startSizes } from '../../runner/machines/resize';
import { Journal } from '../../runner/progress/journal';
import { orphanStacks } from '../../runner/terraform/destroy';
import { load, resolveFresh } from '../support/fleet-fixture';

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-resize-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

const restarts: MachineProvider['resize'] = { cpus: 'restart', memoryMiB: 'restart', diskGiB: { grow: 'nothing', shrink: 'refuse' } };
const lab = resolveFresh(load('lab'));

/** The lab with machines that were made as `made` says, of a provider with these rules. */
function deployment(made: Readonly<Record<string, object>>, resize = restarts) {
  const scripts = join(work, 'provider');
  for (const folder of ['provider', 'bin', 'd/nodes', 'd/kubeconfig', 'd/state']) mkdirSync(join(work, folder), { recursive: true });
  for (const cluster of lab.clusters) {
    writeFileSync(join(work, 'd/kubeconfig', cluster.name), '');
    for (const { name, ...node } of cluster.nodes)
      writeFileSync(join(work, 'd/nodes', `${name}.json`), JSON.stringify({ ...node, node: name, cluster: cluster.name, ...made[name] }));
  }
  for (const script of ['machine-stop', 'machine-up'])
    writeFileSync(
      join(scripts, `${script}.sh`),
      `printf '${script} %s\\n' "$(jq -r '"\\(.node) \\(.how // .memoryMiB)"' <<<"$INPUT")" >>'${work}/calls'`,
    );
  const lease = `{"items":[${lab.clusters[0]!.nodes.map(({ name }) => `{"metadata":{"name":"${name}"},"spec":{"renewTime":"2099-01-01T00:00:00Z"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}`)}]}`;
  writeFileSync(
    join(work, 'bin/kubectl'),
    `#!/usr/bin/env bash\ncase "$*" in *drain*) echo "drain $4" ;; *uncordon*) echo "uncordon $4" ;; esac >>'${work}/calls'\n[[ ! -e '${work}/api-is-dead' ]] || exit 1\necho '${lease}'\n`,
  );
  chmodSync(join(work, 'bin/kubectl'), 0o755);
  return describeDeployment({ ...lab, provider: { ...lab.provider, scripts, resize } }, join(work, 'd'), join(work, 'bin'), null);
}
const calls = (): readonly string[] =>
  existsSync(join(work, 'calls')) ? readFileSync(join(work, 'calls'), 'utf8').trim().split('\n') : [];
const quiet = { journal: new Journal(() => {}), lock: 0 };

describe('before anything is done', () => {
  const said = (made: Readonly<Record<string, object>>, resize = restarts): readonly string[] =>
    plannedResizes(deployment(made, resize)).map((one) => sayResize(one, 'nspawn'));

  it('an equal size is nothing to speak of', () => expect(said({})).toEqual([]));

  it('a restart says whether the node is drained', () => {
    expect(said({ 'hub-worker-1': { memoryMiB: 1024 }, 'hub-cp-1': { cpus: 1, diskGiB: 5 } })).toEqual([
      'hub-cp-1: cpus 1 → 2, diskGiB 5 → 20: restart: powered down, started; the API is away meanwhile',
      'hub-worker-1: memoryMiB 1024 → 1536: restart: drained, powered down, started',
    ]);
  });

  it('what the provider does not enforce is said to be only written down', () =>
    expect(said({ 'hub-worker-1': { diskGiB: 10 } })).toEqual([
      'hub-worker-1: diskGiB 10 → 20: only written down, nspawn does not hold its machines to it',
    ]));

  it('everything that cannot be is refused at once, with the remedy', () => {
    const refused = () => said({ 'hub-worker-1': { diskGiB: 40 }, 'edge-worker-1': { role: 'control-plane' } });
    expect(refused).toThrow(/hub-worker-1: diskGiB 40 → 20: .*write 40 again/);
    expect(refused).toThrow(/edge-worker-1: role control-plane → worker: a machine keeps its role; take the node out/);
    expect(() => said({ 'hub-worker-1': { cluster: 'edge' } })).toThrow(/cluster edge → hub/);
  });

  it('a replacement takes lease and steps of the node, and is refused to the only control plane', () => {
    const replaces = { ...restarts, cpus: 'replace' } as const;
    const [worker] = plannedResizes(deployment({ 'hub-worker-1': { cpus: 1 } }, replaces));
    expect(replacedAddresses([worker!], 'hub')).toEqual(
      expect.arrayContaining([
        'null_resource.lease["hub-worker-1"]',
        'null_resource.machine-hub-worker-1',
        'null_resource.join-hub-worker-1',
      ]),
    );
    expect(replacedAddresses([worker!], 'edge')).toEqual([]);
    expect(startSizes([worker!]).size).toBe(0);
    expect(() => said({ 'hub-cp-1': { cpus: 1 } }, replaces)).toThrow(/only control plane: hub would be lost/);
  });
});

describe('a restart', () => {
  const run = async (made: Readonly<Record<string, object>>, running: readonly string[]) => {
    const it = deployment(made);
    await restartResized(plannedResizes(it), new Set(running), { ...quiet, deployment: it });
  };
  const bothHub = { 'hub-cp-1': { memoryMiB: 1700 }, 'hub-worker-1': { memoryMiB: 1024 } };

  it('is one machine after the other: a worker drained and opened again, an only control plane just stopped and started', async () => {
    await run(bothHub, ['hub-cp-1', 'hub-worker-1']);
    expect(calls()).toEqual([
      'machine-stop hub-cp-1 clean',
      'machine-up hub-cp-1 2048',
      'drain hub-worker-1',
      'machine-stop hub-worker-1 clean',
      'machine-up hub-worker-1 1536',
      'uncordon hub-worker-1',
    ]);
  });

  it('is not for a machine that is off: it starts with its new size', async () => {
    await run(bothHub, []);
    expect(calls()).toEqual([]);
    expect(startSizes(plannedResizes(deployment(bothHub))).get('hub-worker-1')).toEqual({ cpus: 2, memoryMiB: 1536, diskGiB: 20 });
  });

  it('drains nothing when the API is dead, and the next one opens a node that an earlier run was killed at', async () => {
    const it = deployment({});
    mkdirSync(join(work, 'd/resizing'));
    writeFileSync(join(work, 'd/resizing/hub-worker-1'), '');
    writeFileSync(join(work, 'api-is-dead'), '');
    await restartResized([], new Set(), { ...quiet, deployment: it });
    expect(existsSync(join(work, 'd/resizing/hub-worker-1'))).toBe(true);
    rmSync(join(work, 'api-is-dead'));
    await restartResized([], new Set(), { ...quiet, deployment: it });
    expect(existsSync(join(work, 'd/resizing/hub-worker-1'))).toBe(false);
    expect(calls()).toEqual(['uncordon hub-worker-1', 'uncordon hub-worker-1']);
  });
});

test('a cluster that left the fleet file is known by its state, until that is empty', () => {
  const it = deployment({});
  const state = (resources: object[]): void => writeFileSync(join(work, 'd/state/gone.tfstate'), JSON.stringify({ resources }));
  state([{ mode: 'managed', type: 'null_resource', name: 'lease', instances: [{ index_key: 'gone-cp-1' }] }]);
  expect(orphanStacks(it)).toEqual(['gone']);
  state([]);
  expect(orphanStacks(it)).toEqual([]);
});
