import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeCheckout } from '../support/checkout';
import { changes, destroyedBeforeMarker, drains, lostLeases, results, strays, touchedMachines } from '../support/terraform-checks';
import { Lab, temporary } from '../support/terraform-lab';
import { type ThreeStates, threeStates } from '../support/three-states';

const fleet = ['edge-cp-1', 'edge-worker-1', 'hub-cp-1', 'hub-worker-1'];
const smallFleet = fleet.filter((node) => node !== 'edge-worker-1');
const all = (result: string) => ({ foundation: result, hub: result, edge: result });

let checkout: string;
let model: ThreeStates['model'];
let small: ThreeStates['small'];
let stacks: ThreeStates['stacks'];
let lab: Lab;

beforeAll(async () => {
  checkout = makeCheckout();
  ({ model, small, stacks } = await threeStates(checkout));
});
afterAll(() => {
  lab?.dispose();
  rmSync(checkout, { recursive: true, force: true });
});

describe('one fleet, from its first up to its end', () => {
  beforeAll(() => {
    lab = new Lab(checkout);
    lab.use(stacks.full, model);
  });
  beforeEach(() => lab.forgetCalls());

  test('up makes every machine and a kubeconfig per cluster', async () => {
    expect(results(await lab.run('up'))).toEqual(all('changed'));
    expect(strays(lab, fleet)).toEqual([]);
    for (const cluster of ['hub', 'edge'])
      expect(readFileSync(join(lab.folder, 'kubeconfig', cluster), 'utf8')).toContain(`current-context: ${cluster}`);
  });

  test('a second up changes nothing and speaks to no machine', async () => {
    expect(results(await lab.run('up'))).toEqual(all('unchanged'));
    expect(lab.calls().filter(({ program }) => program !== 'host-claim')).toEqual([]);
  });

  test('edited scripts run again, no lease is replaced for it', async () => {
    lab.use(stacks.edited, model);
    const run = await lab.run('diff');
    expect(changes(run.outcomes).filter((change) => !/^replace /.test(change))).toEqual([]);
    expect(changes(run.outcomes)).toEqual(
      expect.arrayContaining(['replace null_resource.machine-hub-cp-1', 'replace null_resource.init-hub-cp-1']),
    );
    expect(lostLeases(run)).toEqual([]);
    lab.use(stacks.full, model);
  });

  test('a removed node is drained and goes; no other one is touched, though every script was edited too', async () => {
    const processes = smallFleet.map((node) => lab.processOf(node));
    lab.use(stacks.small, small);
    const run = await lab.run('up');
    expect(lostLeases(run)).toEqual(['delete null_resource.lease["edge-worker-1"]']);
    expect(touchedMachines(lab)).toEqual(['machine-delete edge-worker-1']);
    expect(drains(lab)).toEqual([expect.stringContaining('drain edge-worker-1')]);
    expect(strays(lab, smallFleet)).toEqual([]);
    expect(changes(run.outcomes)).toContain('replace null_resource.machine-hub-cp-1');
    expect(smallFleet.map((node) => lab.processOf(node))).toEqual(processes);
  });

  test('destroy leaves nothing and drains nobody', async () => {
    expect(results(await lab.run('destroy'))).toEqual(all('changed'));
    for (const cluster of ['hub', 'edge']) expect(destroyedBeforeMarker(lab, cluster)).toEqual([]);
    expect(drains(lab)).toEqual([]);
    expect(strays(lab, [])).toEqual([]);
    expect(lab.calls().at(-1)).toMatchObject({ program: 'host-release' });
  });

  test('neither a synthesis nor a run has left anything in $TMPDIR', () => {
    for (const root of [checkout, lab.host]) expect(readdirSync(temporary(root))).toEqual([]);
  });
});
