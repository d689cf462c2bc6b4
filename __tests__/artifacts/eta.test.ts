import { artifacts } from '../../artifacts/artifacts';
import { durationSeconds, Eta, type Part } from '../../artifacts/eta';

/** Seconds that the first preparation of 2026-11-30 took on 2 cores, 46 min in all; what it did not write down is as the estimates say. */
const measured: Readonly<Record<string, number>> = {
  kubernetes: 1572,
  'metrics-server': 783,
  'provider-kubernetes': 619,
  coredns: 506,
  'local-path': 394,
  registry: 279,
  etcd: 172,
  'node-image': 164,
  'cni-plugins': 48,
  crane: 30,
};
/** The same on 2026-12-01 beside a load of 10, as far as it had come. */
const busy: Readonly<Record<string, number>> = {
  kubernetes: 2008,
  'cni-plugins': 36,
  etcd: 95,
  crane: 15,
  registry: 195,
  'provider-local': 88,
  'provider-null': 37,
  coredns: 813,
  'metrics-server': 1276,
  'local-path': 790,
  'provider-helm': 1043,
};
/** What the estimates were until then. */
const former: Readonly<Record<string, number>> = {
  kubernetes: 275,
  'cni-plugins': 8,
  etcd: 27,
  crane: 5,
  registry: 57,
  'provider-local': 15,
  'provider-null': 7,
  coredns: 96,
  'metrics-server': 109,
  'local-path': 57,
  'provider-helm': 76,
  'provider-kubernetes': 77,
  'node-image': 60,
};

interface Report {
  readonly at: number;
  readonly left: number;
}

/** Runs parts as the engine does, in simulated time; a report at each start and each end, and every half minute. */
function simulate(parts: readonly Part[], actual: (id: string) => number, jobs = 2): { readonly reports: Report[]; readonly took: number } {
  const eta = new Eta(parts, jobs, 0);
  const reports: Report[] = [];
  const waiting = [...parts];
  const running = new Map<string, number>();
  const made = new Set<string>();
  let now = 0;
  const report = (): void => void reports.push({ at: now, left: eta.seconds(now * 1000) });
  for (;;) {
    for (const part of [...waiting]) {
      if (running.size >= jobs || !part.needs.every((need) => made.has(need))) continue;
      waiting.splice(waiting.indexOf(part), 1);
      running.set(part.id, now + actual(part.id));
      eta.start(part.id, now * 1000);
      report();
    }
    if (running.size === 0) return { reports, took: now };
    const [id, end] = [...running].sort(([, a], [, b]) => a - b)[0]!;
    for (let tick = now + 30; tick < end; tick += 30) {
      now = tick;
      report();
    }
    now = end;
    running.delete(id);
    made.add(id);
    eta.finish(id, now * 1000);
    report();
  }
}

const estimates = new Map(artifacts.map(({ id, estimateSeconds }) => [id, estimateSeconds]));
const as =
  (known: Readonly<Record<string, number>>, factor = 1) =>
  (id: string) =>
    known[id] ?? estimates.get(id)! * factor;
const withFormer = artifacts.map((artifact) => ({ ...artifact, estimateSeconds: former[artifact.id] ?? artifact.estimateSeconds }));

/** The largest change from one report to the next after two minutes, as a share of the former, beside the time that passed and a minute. */
function largestJump(reports: readonly Report[]): number {
  return Math.max(
    ...reports.slice(1).map(({ at, left }, index) => {
      const last = reports[index]!;
      const change = Math.abs(left - Math.max(last.left - (at - last.at), 0));
      // Nothing left is no estimate.
      return at <= 120 || change <= 61 || left === 0 ? 0 : change / last.left;
    }),
  );
}
/** How far the reported end is from the real one, as a share of the whole run, at worst between two shares of it. */
const error = ({ reports, took }: ReturnType<typeof simulate>, from: number, to = 1): number =>
  Math.max(...reports.filter(({ at }) => at >= from * took && at <= to * took).map(({ at, left }) => Math.abs(at + left - took) / took));

test('the duration is that of the work in its order: two side by side, what needs others after them', () => {
  const part = (id: string, estimateSeconds: number, ...needs: string[]): Part => ({ id, estimateSeconds, needs });
  expect(durationSeconds([part('long', 100), part('a', 10), part('b', 20, 'a')], 2)).toBe(100);
  expect(durationSeconds([part('a', 10), part('b', 20, 'a'), part('c', 5, 'b')], 2)).toBe(35);
  expect(durationSeconds([part('a', 10), part('b', 20), part('c', 30)], 1)).toBe(60);
  expect(durationSeconds([])).toBe(0);
});

test('the first word is what the first preparation took: 46 minutes on 2 cores', () => {
  const minutes = durationSeconds(artifacts) / 60;
  expect(minutes).toBeGreaterThan(41);
  expect(minutes).toBeLessThan(51);
});

describe.each([
  ['the run of 2026-11-30', artifacts, as(measured)],
  ['the run of 2026-12-01, beside a load of 10', artifacts, as(busy, 1.4)],
  ['a machine that is four times as fast', artifacts, as({}, 0.25)],
  ['a machine that is three times as slow', artifacts, as({}, 3)],
  ['the run of 2026-11-30 with the estimates of that day, five to eight times too short', withFormer, as(measured)],
] as const)('%s', (_, parts, actual) => {
  const run = simulate(parts, actual);

  test('after two minutes no report changes by more than 30 %', () => expect(largestJump(run.reports)).toBeLessThanOrEqual(0.31));
  test('in the second half the reported end is at most a quarter of the run away', () => expect(error(run, 0.5)).toBeLessThan(0.25));
  test('at the end nothing is left', () => expect(run.reports.at(-1)!.left).toBe(0));
});

test('with the corrected estimates the reported end is right within a tenth from the beginning', () =>
  expect(error(simulate(artifacts, as(measured)), 0)).toBeLessThan(0.1));

test('one that does not learn would be wrong by half', () => {
  const { reports, took } = simulate(withFormer, as(measured));
  const unlearned = durationSeconds(withFormer);
  expect((took - unlearned) / took).toBeGreaterThan(0.5);
  expect(Math.abs(reports.find(({ at }) => at >= took / 3)!.left - (took * 2) / 3) / took).toBeLessThan(0.35);
});

test('a part that failed teaches nothing', () => {
  const parts: readonly Part[] = ['a', 'b'].map((id) => ({ id, needs: [], estimateSeconds: 600 }));
  const eta = new Eta(parts, 1, 0);
  eta.start('a', 0);
  eta.fail('a');
  expect(eta.seconds(1000)).toBe(600);
});
