import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { searchFiles, watchForSecrets } from '../../support/cluster-secret-watch';
import { deploymentFolder, destroyDeployment, eventually, flotilla, kubectl, root, start, status, uid } from '../../support/lab-command';
import { assertMayDestroy } from '../../support/may-destroy';
import { outsideAnswer, outsideUrl, withOutsideWorld } from '../../support/outside-world';
import { kinds, kindsOfLab, kindsOfMachine, remains } from '../../support/remains';
import { onMutatedStack, withoutUpgradeInstall } from '../../support/terraform-mutation';

const clusters = ['hub', 'edge'];
const nodes = (cluster: string) => [`${cluster}-cp-1`, `${cluster}-worker-1`];

/** One request to a node's NodePort from this host; the body names cluster, pod and node. */
async function ask(address: string): Promise<string> {
  const answer = await fetch(`http://${address}:30080/`, { signal: AbortSignal.timeout(5000), headers: { connection: 'close' } });
  expect(answer.status).toBe(200);
  return answer.text();
}

async function demoAnswers(): Promise<void> {
  for (const { name, nodes: members } of (await status()).clusters) {
    for (const { address } of members) {
      const bodies: string[] = [];
      for (let request = 0; request < 20; request++) bodies.push(await ask(address));
      for (const body of bodies) expect(body).toContain(name);
      for (const node of nodes(name)) expect(bodies.some((body) => body.includes(node))).toBe(true);
    }
  }
}

/** The lines that the demo's ledger has written to its volumes, one per start of its pod. */
const ledger = (cluster: string, volume: string): string[] =>
  kubectl(cluster, '--namespace=demo', 'exec', 'ledger-0', '--', 'cat', `/ledger/${volume}/ledger.txt`).trim().split('\n');
const volumes = ['delete', 'retain'];

let firstUid = '';
beforeAll(async () => {
  assertMayDestroy(deploymentFolder);
  await destroyDeployment(deploymentFolder);
});

test('a platform can be previewed before its cluster exists', async () => {
  // diff builds nothing; where providers cannot be downloaded, prepare builds them.
  expect((await start('prepare').ended).code).toBe(0);
  const { code, output } = await start('diff').ended;
  expect(code).toBe(3);
  expect(output).toMatch(/hub-platform: \d+ changes\n( {2}.*\n)*? {2}create +helm_release.local-path/);
});

test('raises both clusters from nothing, and no secret is seen anywhere while it does', async () => {
  const watch = watchForSecrets();
  const { code, output } = await flotilla('up');
  const seen = await watch.end();
  expect(code).toBe(0);
  expect(output).toMatch(/idle while ready \d/);
  firstUid = uid();
  expect(seen).toEqual([]);
});

test('the watch for secrets sees a planted token and a planted key', async () => {
  const watch = watchForSecrets();
  const plant = (args: string[], variables: NodeJS.ProcessEnv = {}) =>
    // A bash whose standard input is a socket takes itself for a remote one and reads ~/.bashrc, whose programs would be seen too.
    spawn('bash', ['--norc', '-c', 'read -r -t 3 _', ...args], {
      env: { ...process.env, ...variables },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  const planted = [plant(['abcdef.0123456789abcdef']), plant([], { PLANTED: 'fedcba.0123456789abcdef' })];
  // Through the overlay, as the machine itself would: the layer below a mounted one must not be written.
  const log = join('/var/lib/flotilla', uid(), 'hub-cp-1', 'merged', 'var', 'log', 'planted.log');
  writeFileSync(log, 'abcdef.0123456789abcdef');
  try {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const process of planted) process.kill();
    expect([...(await watch.end())].sort()).toEqual([
      expect.stringContaining('a join token in the cmdline of a process: bash abcdef'),
      expect.stringContaining('a join token in the environ of a process: bash fedcba'),
      expect.stringMatching(/^join token in .*hub-cp-1\/upper\/var\/log\/planted\.log$/),
    ]);
  } finally {
    rmSync(log, { force: true });
  }
  expect(searchFiles(join(root, 'fleets'), new Map([['name of the fleet', 'clusters:']]))).not.toEqual([]);
});

test('every node is Ready, and the status says so as documented', async () => {
  const { fleet, clusters: found } = await status();
  expect(fleet).toBe('lab');
  expect(found.map(({ name, ready }) => [name, ready])).toEqual(clusters.map((name) => [name, true]));
  for (const { name, nodes: members } of found) {
    expect(members.map((node) => [node.name, node.role, node.ready])).toEqual([
      [`${name}-cp-1`, 'control-plane', true],
      [`${name}-worker-1`, 'worker', true],
    ]);
  }
});

test('the demo answers at every node, from pods on both', demoAnswers);

test('services answer after their kube-proxy was started again', async () => {
  for (const cluster of clusters) {
    const proxies = kubectl(cluster, '--namespace=kube-system', 'get', 'pods', '--selector=k8s-app=kube-proxy', '--output=name')
      .trim()
      .split('\n');
    const restarts = (proxy: string): number =>
      Number(kubectl(cluster, '--namespace=kube-system', 'get', proxy, '--output=jsonpath={.status.containerStatuses[0].restartCount}'));
    for (const proxy of proxies) {
      const before = restarts(proxy);
      kubectl(cluster, '--namespace=kube-system', 'exec', proxy, '--', 'sh', '-c', 'kill 1');
      await eventually(120, () => (restarts(proxy) > before ? true : null));
    }
    for (const proxy of proxies) kubectl(cluster, '--namespace=kube-system', 'wait', proxy, '--for=condition=Ready', '--timeout=120s');
  }
  // It reads what there is and takes away what it does not know; rules of before prove nothing.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  await demoAnswers();
});

test('a claim on each storage class is bound and keeps its data over a restart of its pod', async () => {
  for (const cluster of clusters) {
    const before = volumes.map((volume) => ledger(cluster, volume));
    kubectl(cluster, '--namespace=demo', 'delete', 'pod', 'ledger-0', '--wait=true');
    kubectl(cluster, '--namespace=demo', 'rollout', 'status', 'statefulset/ledger', '--timeout=120s');
    for (const [index, volume] of volumes.entries()) {
      const after = await eventually(30, () => (ledger(cluster, volume).length > before[index]!.length ? ledger(cluster, volume) : null));
      expect(after.slice(0, before[index]!.length)).toEqual(before[index]);
    }
  }
});

test('kubectl top answers for every node', async () => {
  for (const cluster of clusters) {
    const top = await eventually(90, () => kubectl(cluster, 'top', 'nodes', '--no-headers'));
    for (const node of nodes(cluster)) expect(top).toContain(node);
  }
});

test('names of the whole fleet resolve in pods', async () => {
  for (const cluster of clusters) {
    const pod = kubectl(cluster, '--namespace=demo', 'get', 'pods', '--selector=app.kubernetes.io/name=demo', '--output=name')
      .trim()
      .split('\n')[0]!;
    for (const name of ['api.hub.flotilla.internal', 'edge-worker-1.flotilla.internal', 'kubernetes.default.svc.cluster.local']) {
      expect(kubectl(cluster, '--namespace=demo', 'exec', pod, '--', 'nslookup', '-type=a', name)).toMatch(
        /Address.*\d+\.\d+\.\d+\.\d+\s*$/,
      );
    }
  }
});

test('machines reach nothing outside of their bridge', async () => {
  const ask = () => start('ssh', 'hub-cp-1', '--', 'curl', '-sS', '-m', '3', outsideUrl).ended;
  // Could not connect, or no answer in time: curl's own words, not those of ssh.
  const isCutOff = async () => expect([7, 28]).toContain((await ask()).code);
  await withOutsideWorld(async () => {
    await isCutOff();
    execFileSync('nft', ['delete', 'table', 'inet', `flotilla_${uid()}`]);
    expect(await ask()).toEqual({ code: 0, output: expect.stringContaining(outsideAnswer) });
    expect((await flotilla('up')).code).toBe(0);
    await isCutOff();
  });
});

test('a second up changes nothing and says so', async () => {
  const { code, output } = await flotilla('up');
  expect(code).toBe(0);
  expect(output).toContain('nothing to do');
  expect((await start('diff').ended).code).toBe(0);
});

test('a worker is added and taken out, and no other machine is touched', async () => {
  const fleet = parse(readFileSync(join(root, 'fleets', 'lab.yaml'), 'utf8'));
  const edge = fleet.clusters.find((cluster: { name: string }) => cluster.name === 'edge');
  edge.nodes.push({ ...edge.nodes.find((node: { role: string }) => node.role === 'worker'), name: 'edge-worker-2' });
  const larger = join(mkdtempSync(join(tmpdir(), 'flotilla-')), 'lab.yaml');
  writeFileSync(larger, stringify(fleet));
  const boots = () =>
    clusters
      .flatMap(nodes)
      .map((node) => kubectl(node.split('-')[0]!, 'get', 'node', node, '--output=jsonpath={.status.nodeInfo.bootID}{.metadata.uid}'));
  const before = boots();

  expect((await flotilla('up', '--moved', '--fleet', larger)).code).toBe(0);
  expect(kubectl('edge', 'get', 'node', 'edge-worker-2', '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}')).toBe('True');
  expect(kinds(remains(uid(), 'edge-worker-2'))).toEqual(kindsOfMachine);
  expect((await flotilla('up', '--moved')).code).toBe(0);
  expect(kubectl('edge', 'get', 'nodes', '--output=name')).not.toContain('edge-worker-2');
  expect(remains(uid(), 'edge-worker-2')).toEqual([]);
  expect(boots()).toEqual(before);
});

test('a control plane whose plug was pulled is back after boot', async () => {
  const input = { deployment: deploymentFolder, uid: uid(), node: 'hub-cp-1', how: 'power-cut', timeoutSeconds: 10 };
  execFileSync('bash', [join(root, 'scripts', 'host', 'nspawn', 'machine-stop.sh')], {
    env: { ...process.env, INPUT: JSON.stringify(input) },
  });
  expect((await status()).clusters.find(({ name }) => name === 'hub')?.ready).toBe(false);

  // The guard: a plan against a dead API fails. Without it, Terraform would want to create every release again.
  const guarded = await start('diff').ended;
  expect([guarded.code, guarded.output]).toEqual([1, expect.stringContaining('hub-platform cannot be planned')]);
  const plan = ['plan', '-input=false', '-lock=false', '-target=helm_release.bridge-cni', '-no-color'];
  expect(onMutatedStack('hub-platform', withoutUpgradeInstall, ...plan).output).toContain('helm_release.bridge-cni will be created');

  expect((await flotilla('boot')).code).toBe(0);
  await eventually(120, async () => ((await status()).clusters.every(({ ready }) => ready) ? true : null));
  await eventually(120, () => demoAnswers().then(() => true));
});

test('up after a power cut of everything brings all back, data included', async () => {
  const before = clusters.map((cluster) => volumes.map((volume) => ledger(cluster, volume)));
  expect((await flotilla('shutdown', '--power-cut')).code).toBe(0);
  const { code, output } = await flotilla('up');
  expect((await status()).clusters.map(({ name, ready }) => [name, ready])).toEqual(clusters.map((name) => [name, true]));
  expect(code).toBe(0);
  expect(output).not.toContain('nothing to do');
  for (const node of clusters.flatMap(nodes)) expect(output).toContain(node);
  await eventually(120, () => demoAnswers().then(() => true));
  for (const [index, cluster] of clusters.entries()) {
    for (const [which, volume] of volumes.entries()) {
      const after = await eventually(60, () => ledger(cluster, volume));
      expect(after.slice(0, before[index]![which]!.length)).toEqual(before[index]![which]);
    }
  }
});

test('what is installed is taken over when the state of a platform is lost', async () => {
  const state = join(deploymentFolder, 'state', 'edge-platform.tfstate');
  const pods = () => kubectl('edge', 'get', 'pods', '--namespace=demo', '--output=jsonpath={.items[*].metadata.uid}');
  const before = pods();
  renameSync(state, `${state}.lost`);
  const apply = ['apply', '-auto-approve', '-input=false', '-target=helm_release.metrics-server', '-no-color'];
  expect(onMutatedStack('edge-platform', withoutUpgradeInstall, ...apply).output).toContain('cannot re-use a name');
  rmSync(state, { force: true });
  expect((await flotilla('up')).code).toBe(0);
  expect(pods()).toBe(before);
});

test('destroy leaves no process, mount, link, control group, table or file of a machine', async () => {
  expect(kinds(remains(firstUid))).toEqual(kindsOfLab);
  expect((await flotilla('destroy', '--yes')).code).toBe(0);
  expect(remains(firstUid)).toEqual([]);
  expect((await start('destroy', '--yes').ended).output).toContain('nothing to destroy');
});

test('up killed at ten random moments, Helm installs among them, converges', async () => {
  const seed = Number(process.env.FLOTILLA_SEED ?? Date.now() % 100_000);
  console.error(`kill points: FLOTILLA_SEED=${seed}`);
  const random = randomNumbers(seed);
  const killedIn: string[] = [];
  for (let kill = 0; kill < 10; ) {
    const run = start('up');
    // Every third kill waits for a release that has begun, the others for the first step.
    const [moment, longestMs] = kill % 3 === 2 ? [/release \S+ +…/, 1500] : [/…/, 9000];
    const over = run.ended.then(() => 'over' as const);
    const due = begun(run, moment).then(() => new Promise<'due'>((resolve) => setTimeout(() => resolve('due'), random() * longestMs)));
    if ((await Promise.race([over, due])) === 'due' && run.child.kill('SIGKILL')) {
      const lines = run.printed().trimEnd().split('\n');
      killedIn.push(lines.at(-1)!.trim());
      kill += 1;
      await run.ended;
    } else {
      const { code, output } = await run.ended;
      if (code !== 0) throw new Error(output);
      expect((await start('destroy', '--yes').ended).code).toBe(0);
    }
  }
  console.error(`killed after:\n  ${killedIn.join('\n  ')}`);
  expect((await flotilla('up')).code).toBe(0);
  expect((await status()).clusters.every(({ ready }) => ready)).toBe(true);
  await eventually(60, () => demoAnswers().then(() => true));
  expect((await flotilla('up')).output).toContain('nothing to do');
});

test('destroy after all that leaves nothing either', async () => {
  const last = uid();
  expect(kinds(remains(last))).toEqual(kindsOfLab);
  expect((await flotilla('destroy', '--yes')).code).toBe(0);
  expect(remains(last)).toEqual([]);
});

const begun = async (run: { printed: () => string; child: { exitCode: number | null } }, what: RegExp): Promise<void> => {
  while (!what.test(run.printed()) && run.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 100));
};

/** Repeatable numbers in [0, 1), so that a failing run can be run again: a linear congruential generator (Numerical Recipes' constants). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
