import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { makeCheckout } from '../../support/checkout';
import { destroyedBeforeMarker, lostLeases, results, strays } from '../../support/terraform-checks';
import { Lab, type Stack } from '../../support/terraform-lab';
import { type ThreeStates, threeStates } from '../../support/three-states';

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

/** Everything that the leases and the marker are careful about, undone. */
function sabotage(stack: Stack, scriptHash: string): void {
  const { lease, teardown, ...rest } = stack.resource.null_resource as Record<string, Record<string, unknown>>;
  const { for_each: nodes, ...block } = lease!;
  const single = (text: string): string => text.replace(/^null_resource\.lease\["(.*)"\]$/, 'null_resource.lease-$1');
  for (const resource of Object.values(rest)) resource.depends_on = ((resource.depends_on ?? []) as string[]).map(single);
  const leases = Object.keys(nodes as object).map((node) => {
    const triggers = { ...(block.triggers as object), node, scripts: scriptHash };
    return [`lease-${node}`, { ...block, triggers }];
  });
  stack.resource.null_resource = { ...rest, ...Object.fromEntries(leases), teardown: { ...teardown!, depends_on: [] } };
}

describe('checks of the lifecycle on sabotaged leases', () => {
  const edgeOf = (of: ResolvedFleet): ResolvedFleet => ({
    ...of,
    stacks: of.stacks.filter(({ name }) => name === 'edge').map((stack) => ({ ...stack, needs: [] })),
  });
  beforeAll(async () => {
    lab = new Lab(checkout);
    mkdirSync(join(lab.folder, 'secrets/ssh'), { recursive: true });
    lab.use(stacks.full, edgeOf(model), (stack) => sabotage(stack, 'before'));
    expect(results(await lab.run('up'))).toEqual({ edge: 'changed' });
  });

  test('a script hash in the triggers: an edit takes every lease', async () => {
    lab.use(stacks.edited, edgeOf(model), (stack) => sabotage(stack, 'after'));
    expect(lostLeases(await lab.run('diff'))).toHaveLength(2);
  });

  test('a block per node: the machine of a removed node leaks', async () => {
    lab.use(stacks.small, edgeOf(small), (stack) => sabotage(stack, 'before'));
    await lab.run('up');
    expect(strays(lab, ['edge-cp-1'])).toEqual(['machine of edge-worker-1 is left', 'record of edge-worker-1 is left']);
  });

  test('a marker that waits for nothing: leases go before it', async () => {
    await lab.run('destroy');
    expect(destroyedBeforeMarker(lab, 'edge')).not.toEqual([]);
  });
});
