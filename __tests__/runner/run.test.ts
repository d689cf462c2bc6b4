import type { ResolvedStack } from '../../model/resolved-fleet';
import { replacements } from '../../runner/machines/machines';
import { efficiency, type Step, withoutKey } from '../../runner/progress/steps';
import { table } from '../../runner/progress/table';
import { schedule } from '../../runner/terraform/schedule';
import type { StackOutcome } from '../../runner/terraform/stack-run';

const step = (id: string, startSeconds: number, endSeconds: number | null, after: string[] = []): Step => ({
  id,
  stack: 's',
  title: id,
  startSeconds,
  endSeconds,
  failed: false,
  after,
});

describe('efficiency: the share of a run in which something was ready and nothing of it ran', () => {
  test.each<[string, Step[], number, number]>([
    ['nothing was done', [], 0, 0],
    ['one step', [step('a', 5, 9)], 4, 0],
    ['a chain without gaps', [step('a', 0, 4), step('b', 4, 10, ['a'])], 10, 0],
    ['two at once', [step('a', 0, 10), step('b', 0, 10)], 10, 0],
    ['a gap of 2 s before what was ready', [step('a', 0, 4), step('b', 6, 10, ['a'])], 10, 0.2],
    ['ready at the beginning, begun after 5 s', [step('a', 0, 10), step('b', 5, 10)], 10, 0.5],
    ['gaps that overlap count once', [step('a', 0, 2), step('b', 6, 10, ['a']), step('c', 4, 10, ['a'])], 10, 0.4],
    ['gaps apart add up', [step('a', 0, 2), step('b', 3, 5, ['a']), step('c', 7, 10, ['b'])], 10, 0.3],
    ['waiting for the last of two', [step('a', 0, 2), step('b', 0, 8), step('c', 8, 10, ['a', 'b'])], 10, 0],
    ['what did not run is passed through', [step('a', 0, 5), step('b', 5, 10, ['a', 'never'])], 10, 0],
    ['what never ended does not count', [step('a', 0, 10), step('b', 3, null)], 10, 0],
  ])('%s', (_, steps, makespanSeconds, idleWhileReady) => {
    const found = efficiency(steps);
    expect(found.makespanSeconds).toBeCloseTo(makespanSeconds);
    expect(found.idleWhileReady).toBeCloseTo(idleWhileReady);
  });
});

describe('schedule', () => {
  const stack = (name: string, ...needs: string[]): ResolvedStack => ({ name, kind: 'cluster', cluster: null, needs });
  const fleet = [
    stack('foundation'),
    stack('hub', 'foundation'),
    stack('edge', 'foundation'),
    stack('hub-platform', 'hub'),
    stack('edge-platform', 'edge'),
  ];
  const outcome = (name: string, result: StackOutcome['result'] = 'changed'): StackOutcome => ({
    stack: name,
    result,
    changes: [],
    errors: [],
  });
  const shown = (outcomes: readonly StackOutcome[]) =>
    Object.fromEntries(outcomes.map(({ stack: name, result, errors }) => [name, errors[0] ?? result]));

  test('begins a stack when all that it needs is over, each once', async () => {
    const events: string[] = [];
    let edgeIsDone = () => {};
    const edgePlatform = new Promise<void>((resolve) => {
      edgeIsDone = resolve;
    });
    const run = async ({ name }: ResolvedStack) => {
      events.push(`+${name}`);
      // Ends only after a stack that has nothing to do with it: whoever waits for all stacks of a kind never gets there.
      if (name === 'hub') await edgePlatform;
      if (name === 'edge-platform') edgeIsDone();
      events.push(`-${name}`);
      return outcome(name);
    };
    await schedule([...fleet].reverse(), run);
    expect([...events].sort()).toEqual(fleet.flatMap(({ name }) => [`+${name}`, `-${name}`]).sort());
    for (const { name, needs } of fleet)
      for (const needed of needs) expect(events.indexOf(`-${needed}`)).toBeLessThan(events.indexOf(`+${name}`));
    expect(events.indexOf('-edge-platform')).toBeLessThan(events.indexOf('-hub'));
  });

  test('a failing stack stops only what needs it, and every stack is in the answer', async () => {
    const outcomes = await schedule(fleet, async ({ name }) => outcome(name, name === 'edge' ? 'failed' : 'changed'));
    expect(shown(outcomes)).toEqual({
      foundation: 'changed',
      hub: 'changed',
      edge: 'failed',
      'hub-platform': 'changed',
      'edge-platform': 'it needs edge',
    });
  });

  test('what was skipped stops what needs it too', async () => {
    const outcomes = await schedule(fleet, async ({ name }) => outcome(name, name === 'foundation' ? 'failed' : 'changed'));
    expect(outcomes.filter(({ result }) => result === 'skipped').map(({ stack: name }) => name)).toEqual([
      'hub',
      'edge',
      'hub-platform',
      'edge-platform',
    ]);
  });

  test('an interruption stops what has not begun', async () => {
    let interrupted = false;
    const run = async ({ name }: ResolvedStack) => {
      if (name === 'foundation') interrupted = true;
      return outcome(name);
    };
    const outcomes = await schedule(fleet, run, () => interrupted);
    expect(shown(outcomes).hub).toBe('the run was interrupted');
    expect(shown(outcomes).foundation).toBe('changed');
  });
});

describe('replacements', () => {
  const node = (name: string, role: 'control-plane' | 'worker') => ({
    name,
    role,
    machine: '',
    address: '',
    cpus: 1,
    memoryMiB: 1,
    diskGiB: 1,
  });
  const nodes = [node('cp-1', 'control-plane'), node('worker-1', 'worker'), node('worker-2', 'worker')];

  test('a lost worker costs its own steps, never a lease', () => {
    const again = replacements(nodes, 'hub', new Set(['worker-1']));
    expect(again).toEqual(
      expect.arrayContaining(['null_resource.machine-worker-1', 'null_resource.join-worker-1', 'null_resource.serving-hub']),
    );
    expect(again.filter((address) => /lease|teardown|worker-2|cp-1|kubeconfig/.test(address))).toEqual([]);
  });

  test('without any control plane a cluster is made again', () => {
    const again = replacements(nodes, 'hub', new Set(['cp-1']));
    expect(again).toEqual(
      expect.arrayContaining(['null_resource.init-cp-1', 'null_resource.join-worker-2', 'null_resource.kubeconfig-hub']),
    );
    expect(replacements(nodes, 'hub', new Set(['other']))).toEqual([]);
  });

  test('one of several control planes is made again alone, the first too', () => {
    const three = [...nodes, node('cp-2', 'control-plane'), node('cp-3', 'control-plane')];
    const again = replacements(three, 'hub', new Set(['cp-1']));
    expect(again.filter((address) => !/cp-1$/.test(address))).toEqual(['null_resource.serving-hub']);
    expect(replacements(three, 'hub', new Set(['cp-1', 'cp-2', 'cp-3']))).toContain('null_resource.kubeconfig-hub');
  });
});

test('a table is as wide as its cells and ends no line in blanks', () => {
  expect(table([['a', 'long name', ''], ['wide cell', 'b', 'c'], []])).toBe('a          long name\nwide cell  b          c\n');
});

test('an instance belongs to its block', () => {
  expect(withoutKey('null_resource.lease["hub-cp-1"]')).toBe('null_resource.lease');
});
