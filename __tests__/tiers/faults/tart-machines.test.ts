import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { makeCheckout } from '../../support/checkout';
import {
  closeLab,
  cutPower,
  inventoryOf,
  leasedModel,
  leaveMachines,
  leftovers,
  machinesOnly,
  nodesOf,
  openLab,
  standInForKubernetes,
  tartHome,
  tartMachines,
  uidOf,
} from '../../support/dynamic-lab';
import { results, strays } from '../../support/terraform-checks';
import { kill, type Lab, processesOf, type Run, synthesize, waitUntil } from '../../support/terraform-lab';

const image = 'ghcr.io/cirruslabs/ubuntu:24.04';
const unchanged = { foundation: 'unchanged', hub: 'unchanged', edge: 'unchanged', links: 'unchanged' };

const opened: { labs: Lab[]; checkouts: string[] } = { labs: [], checkouts: [] };
afterAll(() => {
  opened.labs.forEach(closeLab);
  for (const checkout of opened.checkouts) rmSync(checkout, { recursive: true, force: true });
});

interface House {
  readonly checkout: string;
  readonly model: ResolvedFleet;
  readonly stacks: string;
}

/** @param edit a change of the scripts before anything is synthesized from them */
async function build(only: (model: ResolvedFleet) => ResolvedFleet, edit: (checkout: string) => void = () => {}): Promise<House> {
  const checkout = makeCheckout();
  opened.checkouts.push(checkout);
  edit(checkout);
  const model = only(leasedModel(checkout, 'tart'));
  return { checkout, model, stacks: await synthesize(checkout, 'full', model) };
}

function open({ checkout, model, stacks }: House, change?: typeof leaveMachines): Lab {
  const lab = openLab(checkout, stacks, model, change);
  opened.labs.push(lab);
  return lab;
}

/** What became of each stack, and what was said where one failed, so that a red test tells why. */
const outcomes = (run: Run): Record<string, string> =>
  Object.fromEntries(
    run.outcomes.map(({ stack, result, errors }) => [stack, errors.length > 0 ? `${result}: ${errors.join('; ')}` : result]),
  );

/** What a person types, on the fake host. */
const tart = (lab: Lab, ...words: string[]) =>
  spawnSync(join(lab.bin, 'tart'), words, { env: { PATH: process.env.PATH, TART_HOME: tartHome(lab) }, encoding: 'utf8' });

describe('machines on which a whole fleet depends', () => {
  let house: House;
  let lab: Lab;
  const machine = (node: string): string => `f${uidOf(lab)}-${node}`;
  beforeAll(async () => {
    house = await build((model) => model);
    lab = open(house);
    expect(outcomes(await lab.run('up'))).toEqual({ foundation: 'changed', hub: 'changed', edge: 'changed', links: 'changed' });
  });

  test('no address is in any state or stack, and every node is told those of the whole fleet in the end', () => {
    const addresses = nodesOf(house.model).map((node) => inventoryOf(lab, node).address);
    expect(new Set(addresses).size).toBe(4);
    for (const stack of ['foundation', 'hub', 'edge', 'links'])
      for (const file of [join('state', `${stack}.tfstate`), join('cdktf.out/stacks', stack, 'cdk.tf.json')])
        for (const address of addresses) expect(readFileSync(join(lab.folder, file), 'utf8')).not.toContain(address);
    expect(lab.calls().filter(({ what }) => what === 'guest/names.sh')).toHaveLength(8);
  });

  test('one that vanished is made again, and only that one', async () => {
    const before = tartMachines(lab);
    tart(lab, 'stop', machine('hub-worker-1'));
    expect(tart(lab, 'delete', machine('hub-worker-1')).status).toBe(0);
    expect(outcomes(await lab.run('up'))).toEqual({ ...unchanged, hub: 'changed', links: 'changed' });
    expect(strays(lab, nodesOf(house.model))).toEqual([]);
    const after = tartMachines(lab);
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual([machine('hub-worker-1')]);
  });

  test('one that comes back with another address is known by it, and Terraform sees no change', async () => {
    await cutPower(lab);
    const leases = join(tartHome(lab), 'fake/leases');
    const name = machine('edge-worker-1');
    writeFileSync(leases, readFileSync(leases, 'utf8').replace(new RegExp(`^${name} .*$`, 'm'), `${name} 192.168.64.99`));
    const run = await lab.run('up');
    expect({ ...outcomes(run), stderr: run.stderr }).toEqual({ ...unchanged, stderr: '' });
    expect(inventoryOf(lab, 'edge-worker-1').address).toBe('192.168.64.99');
  });

  test('one whose address a stranger has is not spoken to', async () => {
    await cutPower(lab);
    const key = join(lab.state, 'machines/edge-worker-1/host-key');
    const kept = readFileSync(key, 'utf8');
    writeFileSync(key, 'ssh-ed25519 c3RyYW5nZXI=\n');
    lab.forgetCalls();
    const run = lab.start('up');
    const said = new Promise((resolve) => run.on('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, 8000));
    expect(lab.calls().filter(({ node, what }) => node === 'edge-worker-1' && what.startsWith('guest/'))).toEqual([]);
    lab.killRuns();
    await said;
    writeFileSync(key, kept);
    expect(outcomes(await lab.run('up'))).toEqual(unchanged);
  });

  test('all go without a trace', async () => {
    await lab.run('destroy');
    expect(leftovers(lab)).toEqual([]);
  });
});

/** Whether a state counts a resource as made. Earlier it names it without an instance; one that is just being written cannot be read. */
function savedAsMade(file: string, wanted: string): boolean {
  const text = readFileSync(file, 'utf8').trim();
  if (!text.endsWith('}')) return false;
  const { resources } = JSON.parse(text) as { resources: { name: string; instances: unknown[] }[] };
  return resources.some(({ name, instances }) => name === wanted && instances.length > 0);
}

test('a script that was at work when Terraform was killed runs again, though Terraform has saved that it is done', async () => {
  const house = await build(machinesOnly);
  const lab = open(house, leaveMachines);
  // Terraform saves in between when something is complete after twenty seconds.
  lab.breakAt('tart-get/edge-cp-1:1:hang', 'tart-clone/edge-worker-1:1:slow');
  const run = lab.start('up');
  const ended = new Promise((resolve) => run.on('close', resolve));
  const state = join(lab.folder, 'state/edge.tfstate');
  await waitUntil('Terraform has saved in between', () => existsSync(state) && savedAsMade(state, 'machine-edge-cp-1'), 240);
  // Terraform first: it would learn that a script ended, and save that.
  for (const pid of processesOf(run, 'terraform apply')) kill(pid);
  lab.killRuns();
  await ended;
  lab.breakAt();
  const flag = join(lab.folder, 'state/edge.applying');
  const noted = readFileSync(flag);

  // What Terraform alone makes of it.
  rmSync(flag);
  await lab.run('up');
  expect(lab.nodes()).not.toContain('edge-cp-1');
  writeFileSync(flag, noted);
  expect(outcomes(await lab.run('up'))).toMatchObject({ edge: 'changed' });
  expect(strays(lab, nodesOf(house.model))).toEqual([]);
});

test('a machine of our name that is from elsewhere is an error, and nobody touches it', async () => {
  const house = await build(machinesOnly);
  const lab = open(house, leaveMachines);
  standInForKubernetes(lab, house.model);
  const foreign = `f${uidOf(lab)}-hub-worker-1`;
  expect(tart(lab, 'clone', image, foreign).status).toBe(0);
  const before = tartMachines(lab);
  const up = await lab.run('up');
  expect(results(up)).toMatchObject({ hub: 'failed', edge: 'changed' });
  expect(up.outcomes.flatMap(({ errors }) => errors).join('\n')).toMatch(
    /a machine of the name f.{6}-hub-worker-1 exists[\s\S]*delete it by hand/,
  );
  await lab.run('destroy');
  expect(tartMachines(lab)).toEqual(before);
  expect(leftovers(lab)).toEqual([`machine ${foreign}`, 'body of hub-worker-1']);

  const again = open(house, leaveMachines);
  standInForKubernetes(again, house.model);
  tart(again, 'clone', image, foreign);
  await again.run('up');
  tart(again, 'delete', foreign);
  expect(outcomes(await again.run('up'))).toMatchObject({ hub: 'changed', edge: 'unchanged' });
  expect(strays(again, nodesOf(house.model))).toEqual([]);
});

describe('sabotage', () => {
  const edit =
    (from: string, to: string) =>
    (checkout: string): void => {
      const file = join(checkout, 'scripts/host/tart/machine-up.sh');
      const text = readFileSync(file, 'utf8');
      expect(text).toContain(from);
      writeFileSync(file, text.replace(from, to));
    };

  test('a clone without the look before it replaces a machine that is off', async () => {
    const house = await build(machinesOnly, edit('[[ -n "$found" ]] || make_machine', 'make_machine'));
    const lab = open(house, leaveMachines);
    standInForKubernetes(lab, house.model);
    await lab.run('up');
    const born = tartMachines(lab);
    await cutPower(lab);
    await lab.run('up');
    expect(tartMachines(lab)).not.toEqual(born);
  });

  test('a mark that comes after the clone makes our own machine a stranger', async () => {
    const clone = '  tart clone "$4" "$3" >&2 || die "tart does not clone $4 to $3"\n';
    const house = await build(machinesOnly, (checkout) => {
      edit('  write_mark "$1" "$2" making\n', '')(checkout);
      edit(clone, `${clone}  write_mark "$1" "$2" making\n`)(checkout);
      edit('  remember_node "$deployment" "$node" tart\n', '')(checkout);
    });
    const lab = open(house, leaveMachines);
    lab.breakAt('tart-clone/hub-worker-1:1:late');
    await lab.run('up');
    lab.breakAt();
    expect(results(await lab.run('up'))).toMatchObject({ hub: 'failed' });
  });

  test('a machine that an agent does not run dies with the run that started it', async () => {
    const house = await build(machinesOnly, (checkout) => {
      const file = join(checkout, 'scripts/lib/agent.sh');
      const text = readFileSync(file, 'utf8').replace(
        /^start_agent\(\) \{[\s\S]*?^\}/m,
        'start_agent() { cat >/dev/null; tart run "$machine" & }',
      );
      writeFileSync(file, text);
    });
    const lab = open(house, leaveMachines);
    const run = lab.start('up');
    const ended = new Promise((resolve) => run.on('close', resolve));
    const deadline = Date.now() + 120_000;
    while (lab.machines().length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lab.machines()).not.toEqual([]);
    lab.killRuns();
    await ended;
    // One that was being started while the others were killed is found the next time.
    const allDead = (): boolean => {
      lab.killRuns();
      return lab.machines().length === 0;
    };
    await waitUntil('every machine of the run is dead', allDead, 20);
    expect(existsSync(lab.folder)).toBe(true);
  });
});
