import fc from 'fast-check';
import { criticalPathLine, stepsTable } from '../../cli/report';
import { criticalPath, efficiency, type Link, type Step } from '../../runner/progress/steps';

const step = (id: string, startSeconds: number, endSeconds: number | null, after: readonly string[] = []): Step => ({
  id,
  stack: 's',
  title: id,
  startSeconds,
  endSeconds,
  failed: false,
  after,
});

/** Any run that keeps its order: a step begins some time after all that it waits for have ended. */
const runs = fc
  .array(
    fc.record({
      after: fc.uniqueArray(fc.nat(19), { maxLength: 4 }),
      waitSeconds: fc.integer({ min: 0, max: 9 }),
      seconds: fc.integer({ min: 0, max: 60 }),
      open: fc.boolean(),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((drawn) => {
    const steps: Step[] = [];
    for (const { after, waitSeconds, seconds, open } of drawn) {
      const before = after.flatMap((index) => steps[index] ?? []).filter(({ endSeconds }) => endSeconds !== null);
      const start = Math.max(0, ...before.map(({ endSeconds }) => endSeconds!)) + waitSeconds;
      const ids = before.map(({ id }) => id);
      steps.push(step(`step-${steps.length}`, start, open && seconds > 55 ? null : start + seconds, [...ids, 'never-ran']));
    }
    return steps;
  });

/** What is wrong with a chain that claims to have decided how long a run took. */
function faults(steps: readonly Step[], path: readonly Link[]): readonly string[] {
  const over = steps.filter(({ endSeconds }) => endSeconds !== null);
  const { makespanSeconds } = efficiency(steps);
  const sum = path.reduce((total, { seconds, waitSeconds }) => total + seconds + waitSeconds, 0);
  const last = path.at(-1)?.step;
  return [
    ...(Math.abs(sum - makespanSeconds) > 1e-6 ? [`its parts are ${sum} s, the run took ${makespanSeconds} s`] : []),
    ...(over.some(({ endSeconds }) => endSeconds! > (last?.endSeconds ?? 0)) ? ['something ended after it'] : []),
    ...path.flatMap(({ step: mine, waitSeconds }, index) => {
      const before = path[index - 1]?.step;
      const waitedFor = over.filter((other) => mine.after.includes(other.id));
      return [
        ...(waitSeconds < 0 ? [`${mine.id} began before what is before it ended`] : []),
        ...(before !== undefined && !mine.after.includes(before.id) ? [`${mine.id} did not wait for ${before.id}`] : []),
        ...(waitedFor.some(({ endSeconds }) => endSeconds! > (before?.endSeconds ?? -1))
          ? [`${mine.id} waited longer for another one`]
          : []),
      ];
    }),
  ];
}

test('the critical path adds up to the makespan, and each of its steps waited longest for the one before', () => {
  fc.assert(fc.property(runs, (steps) => expect(faults(steps, criticalPath(steps))).toEqual([])));
});

test.each<[string, (path: readonly Link[]) => readonly Link[]]>([
  ['without its first step', (path) => path.slice(1)],
  ['without its last step', (path) => path.slice(0, -1)],
  ['in the wrong order', (path) => [...path].reverse()],
])('a path %s is found out', (_, sabotage) => {
  const steps = [step('a', 0, 4), step('b', 0, 3), step('c', 5, 9, ['a', 'b']), step('d', 9, 10, ['b'])];
  expect(faults(steps, criticalPath(steps))).toEqual([]);
  const chain = [step('a', 0, 4), step('b', 4, 9, ['a'])];
  expect(faults(chain, sabotage(criticalPath(chain)))).not.toEqual([]);
});

test('the final table marks the path with its shares', () => {
  const steps = [step('image', 0, 4), step('aside', 0, 3), step('join', 5, 10, ['image', 'aside'])];
  expect(stepsTable(steps)).toBe(
    [
      'stack  step   began  seconds  path',
      's      image  0.0    4.0      ◆ 40 %',
      's      aside  0.0    3.0',
      's      join   5.0    5.0      ◆ 50 %',
    ].join('\n'),
  );
  expect(criticalPathLine(steps)).toBe('critical path ◆: 2 of 3 steps, 9.0 s of work and 1.0 s between them');
  expect(criticalPathLine([])).toContain('0 of 0 steps');
});
