import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir, prepare } from '../../../artifacts/prepare';
import type { FleetStatus } from '../../../runner/cluster/status';
import { FakeMac } from '../../support/fake-mac';
import { eventually, root } from '../../support/lab-command';
import { kinds, remains } from '../../support/remains';

// The path of Tart from end to end: its scripts and ours are real, and so are SSH, kubeadm and the machines; tart itself is a fake, and so is its DHCP.
const cluster = (name: string, id: number): string => `
  - name: ${name}
    id: ${id}
    role: standalone
    components: { add: [bridge-cni, local-path, demo] }
    nodes:
      - { name: ${name}-cp, role: control-plane, cpus: 2, memoryMiB: 2048 }
      - { name: ${name}-worker, role: worker, cpus: 2, memoryMiB: 2048 }`;
const fleet = `provider: tart\nkubernetes: "1.35"\ndomain: flotilla.internal\nbudget: { memoryMiB: 16384 }\nclusters:${cluster('one', 1)}${cluster('two', 2)}\n`;
const deployment = join(root, '.flotilla', 'fake-mac@tart');

const mac = new FakeMac();
const file = mac.write('fake-mac.yaml', fleet);
const flotilla = (verb: string, ...args: string[]) => mac.flotilla(verb, '--fleet', file, ...args);
const status = async (): Promise<FleetStatus> => {
  const { output } = await flotilla('status', '--json');
  return JSON.parse(output.slice(output.indexOf('{')));
};
const machineOf = (node: string): string => `f${JSON.parse(readFileSync(join(deployment, 'deployment.json'), 'utf8')).uid}-${node}`;
const addressOf = (node: string): string => mac.leases().get(machineOf(node))!;
const nodes = ['one-cp', 'one-worker', 'two-cp', 'two-worker'];

function kubectl(of: string, ...args: string[]): string {
  const { bin } = JSON.parse(readFileSync(join(deployment, 'sources.json'), 'utf8'));
  return execFileSync(join(bin, 'kubectl'), [`--kubeconfig=${deployment}/kubeconfig/${of}`, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

/** The demo at each node: a pod on the other one must answer too, so packets cross between nodes. */
const demoAnswers = (): Promise<boolean> =>
  eventually(120, async () => {
    for (const node of nodes) {
      const bodies = new Set<string>();
      for (let request = 0; request < 20; request++) {
        const answer = await fetch(`http://${addressOf(node)}:30080/`, {
          signal: AbortSignal.timeout(5000),
          headers: { connection: 'close' },
        });
        bodies.add(await answer.text());
      }
      for (const other of nodes.filter((name) => name.split('-')[0] === node.split('-')[0]))
        if (![...bodies].some((body) => body.includes(other))) throw new Error(`${node}: nobody on ${other} answers`);
    }
    return true;
  });

beforeAll(async () => {
  if (existsSync(deployment))
    throw new Error(`${deployment} is left from an earlier run: look at it, then remove it and what its machines left`);
  const { nodeImage } = await prepare({ root, cacheDir: defaultCacheDir(), onEvent: () => undefined });
  mac.nodeImage(nodeImage);
});
afterAll(async () => {
  // Its logs would keep the next run from beginning.
  if (!existsSync(deployment) || (await flotilla('destroy', '--yes')).code === 0) rmSync(deployment, { recursive: true, force: true });
  mac.remove();
});

describe('the first contact with a clone of a public image', () => {
  const machine = 'f000000-met';
  const folder = join(mac.folder, 'met@tart');
  const scripts = join(mac.folder, 'scripts');
  const known = join(folder, 'secrets', 'ssh', 'known_hosts.d', 'met');
  let address = '';
  const libraries = ['input', 'file', 'deployment', 'ssh', 'guest', 'first-contact']
    .map((name) => `. '${scripts}/lib/${name}.sh'`)
    .join('\n');
  const onHost = (lines: string) => mac.bash(`${libraries}\n${lines}`);
  const meet = () => onHost(`first_contact '${folder}' met ${machine} ${address} admin admin`);
  const keyOpens = (): boolean => onHost(`stranger_ssh '${folder}' met ${address} key root true </dev/null`).code === 0;
  const told = (command: string): string => onHost(`ssh_at '${folder}' met ${address} '${command}' </dev/null`).output.trim();

  /** Ends the script on the machine before its nth command, as a power cut would; never where n is 0. */
  function killAt(step: number): void {
    const file = join(scripts, 'guest', 'first-contact.sh');
    const text = readFileSync(join(root, 'scripts', 'guest', 'first-contact.sh'), 'utf8');
    const trap = `set -T; step=0; trap '((++step != ${step})) || kill -KILL $$' DEBUG`;
    writeFileSync(file, step === 0 ? text : text.replace('set -euo pipefail', `set -euo pipefail\n${trap}`));
  }

  beforeAll(async () => {
    cpSync(join(root, 'scripts'), scripts, { recursive: true });
    mkdirSync(join(folder, 'nodes'), { recursive: true });
    expect(mac.bash(`bash '${scripts}/host/ssh-key.sh'`, { INPUT: JSON.stringify({ deployment: folder }) })).toMatchObject({ code: 0 });
    mac.tart('clone', 'ghcr.io/cirruslabs/ubuntu:24.04', machine);
    mac.run(machine);
    address = mac.tart('ip', machine, '--wait', '60').trim();
    await eventually(60, () => (mac.passwordOpens(address) ? true : null));
  });
  afterAll(() => {
    mac.tart('stop', machine);
    mac.tart('delete', machine);
  });

  test('before it everybody gets in, and nobody with a key', () => {
    expect([mac.passwordOpens(address), keyOpens()]).toEqual([true, false]);
  });

  test('killed anywhere on the machine it locks nobody out, and comes to its end the next time', async () => {
    const killed: number[] = [];
    for (let step = 4; ; step += 9) {
      killAt(step);
      if (meet().code === 0) break;
      killed.push(step);
      await eventually(30, () => (keyOpens() || mac.passwordOpens(address) ? true : null));
    }
    expect(killed.length).toBeGreaterThan(3);
    killAt(0);
    expect(meet().code).toBe(0);
  });

  test('after it the password is refused, our key opens, and the host key is new and pinned', () => {
    expect([mac.passwordOpens(address), keyOpens()]).toEqual([false, true]);
    expect(told('hostname; wc -l </etc/machine-id; grep -c c1a55e0f5ba5e /etc/machine-id || true')).toBe('met\n1\n0');
    const fromImage = readFileSync(join(mac.tartHome, 'fake', 'image', 'layer', 'etc', 'ssh', 'ssh_host_ed25519_key.pub'), 'utf8').split(
      ' ',
    )[1]!;
    expect(readFileSync(known, 'utf8')).not.toContain(fromImage);
    expect(existsSync(join(folder, 'secrets', 'askpass-met'))).toBe(false);
    // The twin: whoever has another host key is not spoken to.
    writeFileSync(known, `met ssh-ed25519 ${fromImage}\n`);
    expect(told('hostname')).toContain('Host key verification failed');
  });
});

test('up raises both clusters, side by side, on machines that were met with a password', async () => {
  const { code, output } = await flotilla('up');
  expect(code).toBe(0);
  expect(output).toMatch(/idle while ready \d/);
  expect((await status()).clusters.map(({ name, ready }) => [name, ready])).toEqual([
    ['one', true],
    ['two', true],
  ]);
  for (const node of nodes) expect(mac.passwordOpens(addressOf(node))).toBe(false);
  await demoAnswers();
});

test('a second up changes nothing', async () => {
  expect(await flotilla('up')).toMatchObject({ code: 0, output: expect.stringContaining('nothing to do') });
});

test('machines that come back at other addresses are found again, by everybody', async () => {
  kubectl('one', 'create', 'configmap', 'kept', '--from-literal=a=b');
  expect((await flotilla('shutdown', '--power-cut')).code).toBe(0);
  const moved = ['one-cp', 'two-worker'];
  for (const node of moved)
    mac.lease(
      machineOf(node),
      addressOf(node).replace(/\d+$/, (host) => String(Number(host) + 100)),
    );
  expect((await flotilla('boot')).code).toBe(0);

  for (const { name, nodes: members } of (await status()).clusters)
    for (const node of members) expect([name, node.name, node.address, node.ready]).toEqual([name, node.name, addressOf(node.name), true]);
  for (const cluster of ['one', 'two']) {
    const found = kubectl(
      cluster,
      'get',
      'nodes',
      '--output=jsonpath={range .items[*]}{.metadata.name} {.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}',
    );
    expect(found.trim().split('\n').sort()).toEqual(
      nodes.filter((node) => node.startsWith(cluster)).map((node) => `${node} ${addressOf(node)}`),
    );
  }
  expect(kubectl('one', 'get', 'configmap', 'kept', '--output=name').trim()).toBe('configmap/kept');
  expect(readFileSync(join(deployment, 'kubeconfig', 'one'), 'utf8')).toContain(`server: https://${addressOf('one-cp')}:6443`);
  await demoAnswers();
  // Serving certificates are for the new addresses: the API server speaks to each kubelet.
  for (const node of nodes) expect(kubectl(node.split('-')[0]!, 'get', '--raw', `/api/v1/nodes/${node}/proxy/healthz`)).toBe('ok');
  expect(await flotilla('up')).toMatchObject({ code: 0, output: expect.stringContaining('nothing to do') });
});

test('destroy leaves nothing', async () => {
  const { uid } = JSON.parse(readFileSync(join(deployment, 'deployment.json'), 'utf8'));
  expect([kinds(remains(uid)), mac.remains()]).toEqual([
    ['cgroup', 'link', 'process'],
    expect.arrayContaining([expect.stringContaining('one-cp'), 'the network of the fake host']),
  ]);
  expect((await flotilla('destroy', '--yes')).code).toBe(0);
  expect([...mac.remains(), ...remains(uid)]).toEqual([]);
});
