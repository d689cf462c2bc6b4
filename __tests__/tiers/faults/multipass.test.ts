import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { makeCheckout } from '../../support/checkout';
import { closeLab, leasedModel, leftovers, nodesOf, openLab } from '../../support/dynamic-lab';
import { results, strays } from '../../support/terraform-checks';
import { kill, type Lab, synthesize } from '../../support/terraform-lab';

let checkout: string;
let model: ResolvedFleet;
let lab: Lab;
let nodes: readonly string[];

beforeAll(async () => {
  checkout = makeCheckout();
  model = leasedModel(checkout, 'multipass');
  nodes = nodesOf(model);
  lab = openLab(checkout, await synthesize(checkout, 'full', model), model);
});
afterAll(() => {
  closeLab(lab);
  rmSync(checkout, { recursive: true, force: true });
});

async function converges(): Promise<void> {
  lab.breakAt();
  const run = await lab.run('up');
  expect({ failed: run.outcomes.filter(({ result }) => result === 'failed'), stderr: run.stderr }).toEqual({ failed: [], stderr: '' });
  expect(strays(lab, nodes)).toEqual([]);
}

test('a launch that fails, is killed half-way with an instance that has no key, and is killed when all was done', async () => {
  lab.breakAt(
    'multipass-launch/hub-cp-1:1:exit',
    'multipass-launch/hub-worker-1:1:half',
    'multipass-launch/edge-cp-1:1:late',
    'multipass-info/edge-worker-1:1:exit',
  );
  expect(results(await lab.run('up'))).toMatchObject({ hub: 'failed', edge: 'failed' });
  await converges();
  lab.forgetCalls();
  expect(results(await lab.run('up'))).toEqual({ foundation: 'unchanged', hub: 'unchanged', edge: 'unchanged', links: 'unchanged' });
  expect(lab.calls().filter(({ program }) => program !== 'multipass-list')).toEqual([]);
});

test('instances that are off are started, one of which does not want to at first', async () => {
  for (const node of nodes) kill(lab.processOf(node));
  lab.breakAt('multipass-start/hub-worker-1:1:exit', 'multipass-start/edge-cp-1:1:late');
  await lab.run('up');
  await converges();
});

test('one that vanished is launched again', async () => {
  lab.lose('edge-worker-1');
  rmSync(join(lab.state, 'multipass', `f${model.uid}-edge-worker-1`), { recursive: true });
  await converges();
});

test('a deletion that fails and one that is killed are made up for', async () => {
  lab.breakAt('multipass-delete/hub-worker-1:1:exit', 'multipass-delete/edge-worker-1:1:late');
  await lab.run('destroy');
  lab.breakAt();
  await lab.run('destroy');
  expect(leftovers(lab)).toEqual([]);
});
