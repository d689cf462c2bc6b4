import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Run, repository, Sandbox, scripts } from '../../support/sandbox';

// Real host scripts on fake machines: who starts a cluster, who joins it, who leaves, and who is asked meanwhile.
const fakes = join(repository, '__tests__/fakes');
const planes = ['hub-cp-1', 'hub-cp-2', 'hub-cp-3'] as const;
const deployment = '.flotilla/lab@nspawn';
const admin = {
  clusters: [{ cluster: { 'certificate-authority-data': 'Q0E=' } }],
  users: [{ user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
};
const addressOf = (node: string): string => `10.0.0.${node.slice(-1)}`;

let sandbox: Sandbox;
let state: string;
const machinesThatRun = new Map<string, ChildProcess>();
beforeEach(() => {
  sandbox = new Sandbox();
  state = join(sandbox.root, 'state');
  mkdirSync(state);
  sandbox.write(`${deployment}/sources.json`, { bin: join(fakes, 'bin') });
  sandbox.stub('ssh', `exec '${fakes}/bin/ssh' "$@"`);
});
afterEach(() => {
  for (const node of [...machinesThatRun.keys()]) cut(node);
  sandbox.remove();
});

const run = (script: string, input: object): Run =>
  sandbox.lines([], `bash '${script}'`, {
    INPUT: JSON.stringify({ deployment, ...input }),
    FLOTILLA_FAKE_STATE: state,
    FLOTILLA_FAKE_SCRIPTS: scripts,
  });
const machineFile = (node: string, file: string): string => join(state, 'machines', node, file);
const machines = (): string[] => (existsSync(join(state, 'machines')) ? readdirSync(join(state, 'machines')) : []);
const lose = (node: string): void => rmSync(machineFile(node, ''), { recursive: true });

/** Makes the machine, or starts it again: what the fake provider does, without its processes. */
function start(node: string): void {
  const role = node.includes('-cp-') ? 'control-plane' : 'worker';
  const made = { uid: 'abc123', cluster: 'hub', node, role, address: addressOf(node), provider: 'fake', scripts: `${fakes}/provider` };
  if (!existsSync(machineFile(node, ''))) {
    sandbox.write(`${deployment}/secrets/ssh/known_hosts.d/${node}`, `${node} ${Math.random()}`);
    for (const file of [machineFile(node, 'machine.json'), join(sandbox.deployment, 'nodes', `${node}.json`)])
      sandbox.write(relative(sandbox.root, file), made);
    writeFileSync(machineFile(node, 'prepared'), '');
  }
  const machine = spawn('sleep', ['1000'], { argv0: `fake-machine-${node}`, stdio: 'ignore' });
  machinesThatRun.set(node, machine);
  writeFileSync(machineFile(node, 'pid'), `${machine.pid}\n`);
}

function cut(node: string): void {
  machinesThatRun.get(node)?.kill('SIGKILL');
  machinesThatRun.delete(node);
  while (existsSync(machineFile(node, 'pid')) && isAlive(readFileSync(machineFile(node, 'pid'), 'utf8').trim()));
}
const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';

const endpoint = { cluster: 'hub', endpoint: 'api.hub.test:6443', join: {} };
const init = (node: string, from = scripts): Run =>
  run(`${from}/host/init.sh`, { ...endpoint, node, address: addressOf(node), documents: [] });
const joins = (node: string, role = 'control-plane', from = scripts): Run =>
  run(`${from}/host/join.sh`, { ...endpoint, node, address: addressOf(node), role, controlPlanes: planes });
const release = (node: string): Run => run(`${scripts}/host/node-destroy.sh`, { uid: 'abc123', node });

/** Three control planes as the first test leaves them. */
function threeThatJoined(): void {
  for (const node of planes) {
    start(node);
    for (const file of ['ca', 'joined']) writeFileSync(machineFile(node, file), '12345\n');
    writeFileSync(machineFile(node, 'admin.conf'), JSON.stringify(admin));
    copyFileSync(join(sandbox.deployment, 'secrets/ssh/known_hosts.d', node), join(sandbox.deployment, 'nodes', `.holds-${node}`));
  }
  sandbox.write('state/etcd/12345', `${planes.join('\n')}\n`);
  sandbox.write(`${deployment}/kubeconfig/hub`, `    server: https://${addressOf('hub-cp-1')}:6443\n`);
}

/** What each cluster that there is counts as its members, by the CA on the nodes that run: two entries are a split brain. */
function clusters(): Record<string, readonly string[]> {
  const told = machines().map((node) => join(state, 'machines', node, 'ca'));
  const alive = [...new Set(told.filter(existsSync).map((file) => readFileSync(file, 'utf8').trim()))];
  const members = (ca: string): string[] =>
    readFileSync(join(state, 'etcd', ca), 'utf8')
      .trim()
      .split('\n')
      .sort();
  return Object.fromEntries(alive.map((ca, index) => [`cluster ${index + 1}`, members(ca)]));
}
const one = (...members: string[]) => ({ 'cluster 1': members });

/** A copy of the scripts with something changed. */
function scriptsWith(file: string, from: string, to: string): string {
  const copy = join(sandbox.root, `scripts-${readdirSync(sandbox.root).length}`);
  cpSync(scripts, copy, { recursive: true });
  const text = readFileSync(join(copy, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(copy, file), text.replaceAll(from, to));
  return copy;
}
const impatient = () => scriptsWith('host/init.sh', 'echo 180', 'echo 0');

test('three control planes are one cluster', () => {
  for (const node of planes) start(node);
  expect(init('hub-cp-1')).toMatchObject({ code: 0 });
  for (const node of planes.slice(1)) expect(joins(node)).toMatchObject({ code: 0 });
  expect(clusters()).toEqual(one(...planes));
  for (const node of planes) expect(existsSync(join(sandbox.deployment, 'nodes', `.holds-${node}`))).toBe(true);
});

describe('a first control plane whose machine was made again', () => {
  beforeEach(() => {
    threeThatJoined();
    cut('hub-cp-1');
    lose('hub-cp-1');
    start('hub-cp-1');
  });

  test('joins the cluster that lives elsewhere, its old membership is removed before', () => {
    expect(init('hub-cp-1')).toMatchObject({ code: 0 });
    expect(clusters()).toEqual(one(...planes));
    expect(readFileSync(join(state, 'calls'), 'utf8')).not.toContain('guest/init');
  });

  test('starts no second cluster while those that may have it do not answer', () => {
    for (const node of planes.slice(1)) cut(node);
    const { code, stderr } = init('hub-cp-1', impatient());
    expect([code, stderr]).toEqual([1, expect.stringContaining('none of hub-cp-2 hub-cp-3 is ready')]);
    expect(clusters()).toEqual(one(...planes));
  });

  test('sabotaged, it asks nobody: that is seen as two clusters', () => {
    const careless = scriptsWith('host/init.sh', 'if [[ -n "$(holders "$deployment" "$cluster" "$node")" ]]; then', 'if false; then');
    expect(init('hub-cp-1', careless).code).toBe(0);
    expect(Object.keys(clusters())).toHaveLength(2);
  });

  test('starts anew when the others are gone as well: marks of machines that are no more do not count', () => {
    for (const node of planes.slice(1)) {
      cut(node);
      lose(node);
      start(node);
    }
    expect(init('hub-cp-1', impatient())).toMatchObject({ code: 0 });
    expect(clusters()).toEqual(one('hub-cp-1'));
  });
});

test('with the first control plane off a worker joins by another one, and a finished node is left alone', () => {
  threeThatJoined();
  cut('hub-cp-1');
  start('hub-worker-4');
  expect(joins('hub-worker-4', 'worker')).toMatchObject({ code: 0 });
  expect(joins('hub-cp-3')).toMatchObject({ code: 0 });
  start('hub-cp-1');
  expect(init('hub-cp-1')).toMatchObject({ code: 0 });
  expect(clusters()).toEqual(one(...planes));
});

test('a control plane that is no member any more joins anew, one of another cluster is never reset', () => {
  threeThatJoined();
  writeFileSync(join(state, 'etcd', '12345'), 'hub-cp-1\nhub-cp-3\n');
  expect(joins('hub-cp-2')).toMatchObject({ code: 0, stderr: expect.stringContaining('joins anew') });
  expect(clusters()).toEqual(one(...planes));
  writeFileSync(machineFile('hub-cp-2', 'joined'), 'something else\n');
  expect(joins('hub-cp-2')).toMatchObject({ code: 1, stderr: expect.stringContaining('holds another cluster than') });
});

describe('control planes that leave', () => {
  beforeEach(threeThatJoined);

  test('go one after the other, the first too, by one that stays; the last is refused', () => {
    expect(release('hub-cp-1')).toMatchObject({ code: 0 });
    expect(clusters()).toEqual(one('hub-cp-2', 'hub-cp-3'));
    expect(release('hub-cp-3')).toMatchObject({ code: 0 });
    expect(clusters()).toEqual(one('hub-cp-2'));
    expect(release('hub-cp-2')).toMatchObject({ code: 1, stderr: expect.stringContaining('hub-cp-2 is the last control plane of hub') });
    expect(machines()).toEqual(['hub-cp-2']);
  });

  test('are out of etcd before their machine goes', () => {
    release('hub-cp-1');
    const calls = readFileSync(join(state, 'calls'), 'utf8');
    const order = ['drain hub-cp-1', 'guest/member-remove.sh', 'delete node hub-cp-1', '"program":"machine-delete"'];
    const places = order.map((what) => calls.indexOf(what));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  test('are kept when those that stay do not answer', () => {
    for (const node of planes.slice(1)) cut(node);
    expect(release('hub-cp-1')).toMatchObject({ code: 1, stderr: expect.stringContaining('may hold the only copy') });
    expect(machines()).toContain('hub-cp-1');
  });

  test('are kept when they cannot be taken out of etcd', () => {
    writeFileSync(join(state, 'faults'), 'guest/member-remove.sh:1:exit');
    expect(release('hub-cp-1')).toMatchObject({ code: 1, stderr: expect.stringContaining('could not be removed') });
    expect(machines()).toContain('hub-cp-1');
  });

  test('do not take the way out of a worker with them', () => {
    start('hub-worker-4');
    cut('hub-cp-1');
    expect(release('hub-worker-4')).toMatchObject({ code: 0 });
    expect(readFileSync(join(state, 'calls'), 'utf8')).toMatch(/--server https:\/\/10\.0\.0\.2:6443 drain hub-worker-4/);
  });

  test('leave a kubeconfig that names one that is ready', () => {
    cut('hub-cp-1');
    const { code } = run(`${scripts}/host/kubeconfig.sh`, { cluster: 'hub', controlPlanes: planes, apiName: 'api.hub.test' });
    expect(code).toBe(0);
    expect(readFileSync(join(sandbox.deployment, 'kubeconfig/hub'), 'utf8')).toContain('server: https://10.0.0.2:6443');
  });
});
