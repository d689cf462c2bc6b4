import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { makeCheckout } from '../../support/checkout';
import {
  awaitHangs,
  closeLab,
  cutPower,
  disorder,
  leasedModel,
  leaveMachines,
  leftovers,
  machinesOnly,
  nodesOf,
  openLab,
  standInForKubernetes,
  tartMachines,
} from '../../support/dynamic-lab';
import { type Fault, faultRounds, wordsOf } from '../../support/fault-plan';
import { results, strays } from '../../support/terraform-checks';
import { type Call, finished, type Lab, type Run, synthesize } from '../../support/terraform-lab';

/** How long a run may take to come to the calls that hang; one that never does is told by the count at the end. */
const patienceSeconds = 90;

let checkout: string;
let model: ResolvedFleet;
let stacks: string;
let nodes: readonly string[];
const labs: Lab[] = [];

beforeAll(async () => {
  checkout = makeCheckout();
  model = machinesOnly(leasedModel(checkout, 'tart', 4));
  nodes = nodesOf(model);
  stacks = await synthesize(checkout, 'full', model);
});
afterAll(() => {
  labs.forEach(closeLab);
  rmSync(checkout, { recursive: true, force: true });
});

function open(): Lab {
  const lab = openLab(checkout, stacks, model, leaveMachines);
  standInForKubernetes(lab, model);
  labs.push(lab);
  return lab;
}

const failed = ({ outcomes }: Run) => outcomes.filter(({ result }) => result === 'failed' || result === 'skipped');

/** What a run calls, and nothing else. */
async function callsOf(lab: Lab, verb: 'up' | 'destroy'): Promise<readonly Call[]> {
  lab.forgetCalls();
  const run = await lab.run(verb);
  expect(failed(run)).toEqual([]);
  return lab.calls();
}

const reached = new Set<string>();
const planned = new Set<string>();

function isReached(lab: Lab, { key, nth }: Fault): boolean {
  const count = join(lab.state, `count-${key.replaceAll('/', '+')}`);
  return existsSync(count) && readFileSync(count, 'utf8').length >= nth;
}

/** A run in which calls go wrong; where one hangs, all that runs is killed. */
async function broken(lab: Lab, verb: 'up' | 'destroy', faults: readonly Fault[]): Promise<void> {
  lab.breakAt(...faults.map(wordsOf));
  const hanging = faults.filter(({ action }) => action === 'hang');
  const run = lab.start(verb);
  const ended = finished(run);
  if (hanging.length > 0) {
    await Promise.race([
      awaitHangs(
        lab,
        hanging.map(({ key }) => key),
        patienceSeconds,
      ),
      ended,
    ]);
    // The others may be on their way: a machine that goes off in peace takes some seconds.
    for (let left = 100; left > 0 && !faults.every((fault) => isReached(lab, fault)); left--)
      await new Promise((resolve) => setTimeout(resolve, 200));
    lab.killRuns();
  }
  await ended;
  for (const fault of faults) {
    planned.add(`${fault.program} ${fault.action}`);
    if (isReached(lab, fault)) reached.add(`${fault.program} ${fault.action}`);
  }
  lab.breakAt();
}

/** `up` makes the fleet of whatever there is, and a second one has nothing to do. */
async function converges(lab: Lab): Promise<void> {
  const run = await lab.run('up');
  expect({ failed: failed(run), stderr: run.stderr }).toEqual({ failed: [], stderr: '' });
  expect(strays(lab, nodes)).toEqual([]);
  expect(Object.keys(tartMachines(lab))).toEqual(nodes.map((node) => `f${model.uid}-${node}`));
  expect(disorder(lab, nodes)).toEqual([]);
}

async function hasNothingToDo(lab: Lab): Promise<void> {
  lab.forgetCalls();
  expect(new Set(Object.values(results(await lab.run('up'))))).toEqual(new Set(['unchanged']));
  expect(
    lab.calls().filter(({ program }) => /^(tart-(clone|set|run|stop|delete|pull)|launchctl-(bootstrap|kickstart|bootout))$/.test(program)),
  ).toEqual([]);
}

test('every call of tart and launchd, each refused, hanging and killed, while a fleet is raised, booted and taken down', async () => {
  const lab = open();
  const raising = faultRounds(await callsOf(lab, 'up'), nodes);
  await cutPower(lab);
  const booting = faultRounds(await callsOf(lab, 'up'), nodes);
  await hasNothingToDo(lab);
  const razing = faultRounds(await callsOf(lab, 'destroy'), nodes);
  expect(leftovers(lab)).toEqual([]);
  expect([raising, booting, razing].map((rounds) => rounds.length >= 3)).toEqual([true, true, true]);

  const cycles = Math.max(raising.length, booting.length, razing.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < cycles) {
      const cycle = next++;
      const here = open();
      try {
        await broken(here, 'up', raising[cycle % raising.length]!);
        await converges(here);
        const born = tartMachines(here);
        await cutPower(here);
        await broken(here, 'up', booting[cycle % booting.length]!);
        await converges(here);
        // A machine that was cloned anew has another hardware address, and no data.
        expect(tartMachines(here)).toEqual(born);
        if (cycle % 4 === 0) await hasNothingToDo(here);
        await broken(here, 'destroy', razing[cycle % razing.length]!);
        expect(failed(await here.run('destroy'))).toEqual([]);
        expect(leftovers(here)).toEqual([]);
      } catch (error) {
        const plan = {
          raising: raising[cycle % raising.length],
          booting: booting[cycle % booting.length],
          razing: razing[cycle % razing.length],
        };
        throw new Error(`with these faults: ${JSON.stringify(plan)}\n${(error as Error).message}`);
      }
      closeLab(here);
    }
  };
  await Promise.all([lane(), lane()]);
  // A plan that never came about proves nothing.
  expect([...planned].filter((fault) => !reached.has(fault))).toEqual([]);
});
