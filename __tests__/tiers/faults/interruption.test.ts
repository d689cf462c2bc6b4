import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { makeCheckout } from '../../support/checkout';
import { results, strays } from '../../support/terraform-checks';
import { finished, Lab, labModel, processesOf, synthesize, waitUntil } from '../../support/terraform-lab';

const fleet = ['edge-cp-1', 'edge-worker-1', 'hub-cp-1', 'hub-worker-1'];
/** Longer than the time in which two signals are one key. */
const nextKey = () => new Promise((resolve) => setTimeout(resolve, 700));

let checkout: string;
let model: ResolvedFleet;
let lab: Lab;

beforeAll(async () => {
  checkout = makeCheckout();
  model = labModel(checkout);
  lab = new Lab(checkout);
  lab.use(await synthesize(checkout, 'full', model), model);
});
afterAll(() => {
  lab?.dispose();
  rmSync(checkout, { recursive: true, force: true });
});

const hangs = (): Promise<void> => waitUntil('a script hangs', () => existsSync(join(lab.state, 'hanging')), 60);
const goOn = (): void => writeFileSync(join(lab.state, 'go-on'), '');
const appliers = (run: ChildProcess): readonly number[] => processesOf(run, 'terraform apply');

/** What a terminal does: the whole foreground process group gets it. */
const pressCtrlC = (run: ChildProcess): void => {
  expect(run.pid).toBeGreaterThan(1);
  process.kill(-run.pid!, 'SIGINT');
};

test('Ctrl-C lets a running stack come to its end and begins no other', async () => {
  lab.breakAt('host-claim/host:1:hang');
  const run = lab.start('up');
  const ended = finished(run);
  await hangs();
  pressCtrlC(run);
  await nextKey();
  expect(appliers(run)).toHaveLength(1);
  goOn();
  const told = await ended;
  expect(results(told)).toEqual({ foundation: 'changed', hub: 'skipped', edge: 'skipped' });
  expect(told.notes.join('\n')).toContain('no other one begins');
  expect(lab.machines()).toEqual([]);
});

test('a second Ctrl-C stops what runs, and the next up makes the rest', async () => {
  lab.breakAt('machine-up/edge-worker-1:1:hang');
  const run = lab.start('up');
  const ended = finished(run);
  await hangs();
  pressCtrlC(run);
  await waitUntil('hub is complete', () => appliers(run).length === 1, 60);
  await nextKey();
  expect(appliers(run)).toHaveLength(1);
  pressCtrlC(run);
  // Not told to go on: it is the signal that ends the script.
  expect(results(await ended)).toEqual({ foundation: 'unchanged', hub: 'changed', edge: 'failed' });

  goOn();
  const next = await lab.run('up');
  expect(results(next)).toEqual({ foundation: 'unchanged', hub: 'unchanged', edge: 'changed' });
  expect(strays(lab, fleet)).toEqual([]);
  expect(lab.processesOfRuns()).toEqual([]);
});
