import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { makeCheckout } from '../../support/checkout';
import { drains, results, strays } from '../../support/terraform-checks';
import { finished, kill, Lab, labModel, processesOf, synthesize, temporary, waitUntil } from '../../support/terraform-lab';

const fleet = ['edge-cp-1', 'edge-worker-1', 'hub-cp-1', 'hub-worker-1'];

let checkout: string;
let model: ResolvedFleet;
let stacks: string;
const labs: Lab[] = [];

beforeAll(async () => {
  checkout = makeCheckout();
  model = labModel(checkout);
  stacks = await synthesize(checkout, 'full', model);
});
afterAll(() => {
  for (const lab of labs) lab.dispose();
  rmSync(checkout, { recursive: true, force: true });
});

function openLab(of: ResolvedFleet = model): Lab {
  const lab = new Lab(checkout);
  labs.push(lab);
  lab.use(stacks, of);
  return lab;
}

const isLockFree = (lab: Lab): boolean => spawnSync('flock', ['--nonblock', join(lab.folder, 'lock'), 'true']).status === 0;

/** What plugins of Terraform have left that could not end by themselves. */
const sockets = (lab: Lab): string[] =>
  readdirSync(join(lab.folder, 'tmp'), { recursive: true, encoding: 'utf8' }).filter((path) => /\/plugin\d+$/.test(path));

const hangs = (lab: Lab): Promise<void> => waitUntil('a script hangs', () => existsSync(join(lab.state, 'hanging')), 60);

test('destroy after half an up drains nobody and leaves nothing', async () => {
  const lab = openLab({ ...model, stacks: model.stacks.filter(({ name }) => name !== 'hub') });
  lab.breakAt('guest/approve-serving.sh:1:exit');
  expect(results(await lab.run('up'))).toEqual({ foundation: 'changed', edge: 'failed' });
  lab.forgetCalls();
  expect(results(await lab.run('destroy'))).toEqual({ foundation: 'changed', edge: 'changed' });
  expect(drains(lab)).toEqual([]);
  expect(strays(lab, [])).toEqual([]);
});

describe('runs that go wrong, one after the other on one deployment', () => {
  let lab: Lab;
  let hanging: ChildProcess;
  const appliers = (): readonly number[] => processesOf(hanging, 'terraform apply');
  beforeAll(() => {
    lab = openLab();
  });

  test('a machine that does not start costs its own cluster only', async () => {
    lab.breakAt('machine-up/edge-worker-1:1:exit');
    const run = await lab.run('up');
    expect(results(run)).toEqual({ foundation: 'changed', hub: 'changed', edge: 'failed' });
    expect(run.outcomes.find(({ stack }) => stack === 'edge')?.errors.join()).toContain('machine-up of edge-worker-1 fails');
    expect(lab.machines()).toEqual(fleet.filter((node) => node !== 'edge-worker-1'));
  });

  test('the lock is refused to a second run, which is told who holds it', async () => {
    lab.forgetCalls();
    lab.breakAt('machine-up/edge-worker-1:1:hang');
    hanging = lab.start('up');
    await hangs(lab);
    const second = await lab.run('up');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`"flotilla up" (process ${hanging.pid}) is at work on this deployment`);
  });

  test('the lock stays with a script whose Terraform was killed; the next run waits for it and makes what is missing', async () => {
    const ended = finished(hanging);
    await waitUntil('hub is complete', () => appliers().length === 1, 60);
    kill(appliers()[0]!);
    expect(results(await ended)).toEqual({ foundation: 'unchanged', hub: 'unchanged', edge: 'failed' });

    const next = lab.start('up');
    let said = '';
    next.stderr!.on('data', (chunk) => {
      said += chunk;
    });
    await waitUntil('the next run waits', () => said.includes('waiting up to'), 60);
    writeFileSync(join(lab.state, 'go-on'), '');
    expect(results(await finished(next))).toEqual({ foundation: 'unchanged', hub: 'unchanged', edge: 'changed' });
    expect(strays(lab, fleet)).toEqual([]);
    expect(lab.calls().filter(({ node }) => node.startsWith('hub-'))).toEqual([]);
  });

  test('the lock is free once all of a run are killed, though the machines that it started live on', async () => {
    for (const node of ['edge-worker-1', 'hub-worker-1']) lab.lose(node);
    lab.breakAt('machine-up/edge-worker-1:1:hang', 'machine-up/hub-worker-1:1:hold');
    lab.start('up');
    await hangs(lab);
    await waitUntil('the machine that keeps what it inherited runs', () => lab.machines().includes('hub-worker-1'), 60);
    lab.killRuns();
    expect(sockets(lab)).not.toEqual([]);

    // The sabotaged machine, which did not close the descriptor, is what holds it now.
    expect(isLockFree(lab)).toBe(false);
    kill(lab.processOf('hub-worker-1'));
    await waitUntil('the lock is free', () => isLockFree(lab), 5);
    expect(lab.machines()).toEqual(['edge-cp-1', 'hub-cp-1']);

    const next = await lab.run('up');
    expect(next.outcomes.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(strays(lab, fleet)).toEqual([]);
    expect([sockets(lab), readdirSync(temporary(lab.host))]).toEqual([[], []]);
  });
});
