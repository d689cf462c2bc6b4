import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { makeCheckout, slowTeardown } from '../../support/checkout';
import { changes, destroyedBeforeMarker, drains, lostLeases, results, strays, touchedMachines } from '../../support/terraform-checks';
import { Lab, labModel, synthesize } from '../../support/terraform-lab';

const fleet = ['edge-cp-1', 'edge-worker-1', 'hub-cp-1', 'hub-worker-1'];

let checkout: string;
let model: ResolvedFleet;
let full: string;
let lab: Lab;

beforeAll(async () => {
  checkout = makeCheckout();
  slowTeardown(checkout);
  model = labModel(checkout);
  full = await synthesize(checkout, 'full', model);
  lab = new Lab(checkout);
  lab.use(full, model);
  await lab.run('up');
});
beforeEach(() => lab.forgetCalls());
afterAll(() => {
  lab?.dispose();
  rmSync(checkout, { recursive: true, force: true });
});

test('a vanished machine is made again, its lease stays', async () => {
  lab.lose('edge-worker-1');
  const run = await lab.run('up');
  expect(results(run)).toEqual({ foundation: 'unchanged', hub: 'unchanged', edge: 'changed' });
  expect([...changes(run.outcomes)].sort()).toEqual([
    ...['join', 'machine', 'names', 'prepare'].map((step) => `replace null_resource.${step}-edge-worker-1`),
    'replace null_resource.serving-edge',
  ]);
  expect(touchedMachines(lab)).toEqual([]);
  expect(strays(lab, fleet)).toEqual([]);
});

test('a cluster that left the fleet file goes, by the copy of its stack that was kept', async () => {
  const hubOnly = { ...model, clusters: model.clusters.filter(isHub), stacks: model.stacks.filter(({ name }) => name !== 'edge') };
  rmSync(join(lab.folder, 'cdktf.out/stacks/edge'), { recursive: true });
  lab.use(full, hubOnly);
  expect(results(await lab.run('up'))).toEqual({ foundation: 'unchanged', hub: 'unchanged', edge: 'changed' });
  expect(destroyedBeforeMarker(lab, 'edge')).toEqual([]);
  expect(drains(lab)).toEqual([]);
  expect(strays(lab, ['hub-cp-1', 'hub-worker-1'])).toEqual([]);
});

test('without its control plane a cluster is made again, and its worker joins the new one', async () => {
  lab.lose('hub-cp-1');
  const run = await lab.run('up');
  expect(lostLeases(run)).toEqual([]);
  expect(results(run)).toEqual({ foundation: 'unchanged', hub: 'changed' });
});

const isHub = ({ name }: { readonly name: string }): boolean => name === 'hub';
