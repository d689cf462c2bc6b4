import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckoutCopy } from '../../support/checkout-copy';
import { eventually } from '../../support/lab-command';
import { kinds, kindsOfLab, remains } from '../../support/remains';

const work = mkdtempSync(join(tmpdir(), 'flotilla-two-'));
const [one, two] = ['one', 'two'].map((name) => new CheckoutCopy(join(work, name), name)) as [CheckoutCopy, CheckoutCopy];

const record = ({ deployment }: CheckoutCopy): { uid: string; network: string } =>
  JSON.parse(readFileSync(join(deployment, 'deployment.json'), 'utf8'));
const bin = ({ deployment }: CheckoutCopy): string => JSON.parse(readFileSync(join(deployment, 'sources.json'), 'utf8')).bin;
const machine = (of: CheckoutCopy): string => `f${record(of).uid}-${of.name}-cp-1`;
const bootId = (of: CheckoutCopy): string =>
  of.kubectl(bin(of), 'get', 'nodes', '--output=jsonpath={.items[*].status.nodeInfo.bootID}{.items[*].metadata.uid}');
const nodeUid = (of: CheckoutCopy): string => of.kubectl(bin(of), 'get', 'nodes', '--output=jsonpath={.items[*].metadata.uid}');
const limits = (of: CheckoutCopy): string =>
  execFileSync('find', ['/sys/fs/cgroup/memory', '-name', machine(of), '-prune', '-exec', 'cat', '{}/memory.limit_in_bytes', ';'], {
    encoding: 'utf8',
  }).trim();

async function succeeds(of: CheckoutCopy, ...args: string[]): Promise<string> {
  const { code, output } = await of.run(...args);
  if (code !== 0) throw new Error(`flotilla ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

const uids: string[] = [];
afterAll(async () => {
  for (const checkout of [one, two]) await checkout.run('destroy', '--yes');
  rmSync(work, { recursive: true, force: true });
});

test('two checkouts raise their fleets at the same moment, each in a network of its own', async () => {
  const raised = await Promise.allSettled([one, two].map((checkout) => succeeds(checkout, 'up')));
  for (const outcome of raised) if (outcome.status === 'rejected') throw outcome.reason;
  const [first, second] = [record(one), record(two)];
  uids.push(first.uid, second.uid);
  expect(first.network).not.toBe(second.network);
  for (const checkout of [one, two]) expect(checkout.kubectl(bin(checkout), 'get', 'nodes', '--no-headers')).toMatch(/^\S+-cp-1 +Ready/);
  for (const uid of uids) expect(kinds(remains(uid))).toEqual(kindsOfLab);
});

test('neither sees the machines of the other', async () => {
  for (const [checkout, other] of [
    [one, two],
    [two, one],
  ] as const) {
    const { clusters } = JSON.parse(await succeeds(checkout, 'status', '--json'));
    expect(JSON.stringify(clusters)).not.toContain(`${other.name}-cp-1`);
    expect((await checkout.run('doctor')).output).toMatch(new RegExp(`other deployments .*${record(other).uid}`));
  }
});

test('a copy of a checkout, with the same uid, touches nothing of its original', async () => {
  const copy = new CheckoutCopy(join(work, 'copy'), 'one');
  cpSync(one.deployment, copy.deployment, { recursive: true });
  // A third installation would take longer than all that is tested here.
  execFileSync('cp', ['-al', join(one.root, 'node_modules'), copy.root]);
  const before = bootId(one);
  for (const args of [['up'], ['destroy', '--yes'], ['shutdown']]) {
    const { code, output } = await copy.run(...args);
    expect([code, output]).toEqual([1, expect.stringContaining('is a copy')]);
  }
  expect(bootId(one)).toBe(before);
});

test('a changed size is announced, and the machine runs with it as the same node', async () => {
  one.resize(1800);
  const before = nodeUid(one);
  expect((await one.run('diff')).output).toContain('one-cp-1: memoryMiB 1700 → 1800: restart');
  expect(await succeeds(one, 'up')).toContain('one-cp-1: memoryMiB 1700 → 1800: restart');
  expect(limits(one)).toBe(String(1800 * 2 ** 20));
  expect(nodeUid(one)).toBe(before);
  expect(await succeeds(one, 'up')).toContain('nothing to do');
});

test("an image of one's own is loaded once, and a pod runs from it that may not pull", async () => {
  const file = busyboxArchive(join(work, 'image'), 'mine:1');
  expect(await succeeds(one, 'load', file)).toContain('loaded docker.io/library/mine:1');
  expect(await succeeds(one, 'load', file)).toContain('has docker.io/library/mine:1 already');
  one.kubectl(
    bin(one),
    'run',
    'mine',
    '--image=mine:1',
    '--image-pull-policy=Never',
    '--overrides={"spec":{"tolerations":[{"operator":"Exists"}]}}',
  );
  one.kubectl(bin(one), 'wait', '--for=condition=Ready', 'pod/mine', '--timeout=120s');
});

test('a deployment whose folder is lost is adopted, and its cluster is the same one afterwards', async () => {
  const identity = () => one.kubectl(bin(one), 'get', 'namespace', 'kube-system', '--output=jsonpath={.metadata.uid}');
  const before = identity();
  rmSync(join(one.root, '.flotilla'), { recursive: true });
  expect((await one.run('doctor')).output).toContain(`flotilla adopt --uid ${uids[0]}`);
  expect(await succeeds(one, 'adopt', '--uid', uids[0]!)).toContain('machines: one-cp-1');
  expect(record(one).uid).toBe(uids[0]);
  await succeeds(one, 'up');
  expect(await eventually(30, identity)).toBe(before);
});

test('destroy of one leaves the other untouched', async () => {
  const before = bootId(two);
  await succeeds(one, 'destroy', '--yes');
  expect(remains(uids[0]!)).toEqual([]);
  expect(kinds(remains(uids[1]!))).toEqual(kindsOfLab);
  expect(bootId(two)).toBe(before);
  await succeeds(two, 'destroy', '--yes');
  expect(remains(uids[1]!)).toEqual([]);
});

/** A docker-archive of one static program. */
function busyboxArchive(folder: string, name: string): string {
  const digest = (file: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex');
  const pack = (archive: string, ...files: string[]) => execFileSync('tar', ['-C', folder, '-cf', join(folder, archive), ...files]);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  copyFileSync(execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim(), join(folder, 'bin', 'busybox'));
  pack('layer.tar', 'bin');
  const config = { Env: ['PATH=/bin'], Cmd: ['/bin/busybox', 'sleep', '100000'] };
  const rootfs = { type: 'layers', diff_ids: [`sha256:${digest('layer.tar')}`] };
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux', config, rootfs }),
  );
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]));
  pack('image.tar', 'manifest.json', 'config.json', 'layer.tar');
  return join(folder, 'image.tar');
}
