import type { Artifact } from './artifact';

/** Scripts that run side by side. */
export const defaultJobs = 2;

export type Part = Pick<Artifact, 'id' | 'needs' | 'estimateSeconds'>;

/** Until then an estimate may change freely: nothing has been measured. */
const freeSeconds = 120;

/** From one report to the next the remaining time changes by no more than this share, beside the time that has passed. */
const largestJump = 0.3;
/** … or by this much, when little is left. */
const smallestStepSeconds = 60;

/** The estimates count as this many seconds of measured work: one small part that took long must not decide. */
const trustSeconds = 60;

/** How long parts take of which `jobs` run at once, in seconds: each begins, in this order, as soon as what it needs is there. */
export function durationSeconds(
  parts: readonly Part[],
  jobs = defaultJobs,
  secondsOf = (part: Part): number => part.estimateSeconds,
): number {
  const waiting = [...parts];
  const left = new Set(parts.map(({ id }) => id));
  const running = new Map<string, number>();
  let now = 0;
  while (waiting.length + running.size > 0) {
    for (const part of [...waiting]) {
      if (running.size >= jobs) break;
      if (part.needs.some((need) => left.has(need))) continue;
      waiting.splice(waiting.indexOf(part), 1);
      running.set(part.id, now + secondsOf(part));
    }
    const [next] = [...running].sort(([, a], [, b]) => a - b);
    // Nothing can begin any more: what is left needs something that is not in the list of what comes.
    if (next === undefined) return now;
    now = next[1];
    running.delete(next[0]);
    left.delete(next[0]);
  }
  return now;
}

/** Remaining time in whole seconds: what the estimates say, times how much slower this machine has been than they say so far. */
export class Eta {
  readonly #startedAt: number;
  readonly #jobs: number;
  readonly #remaining: Map<string, Part>;
  readonly #startedAtById = new Map<string, number>();
  #measured = trustSeconds;
  #estimated = trustSeconds;
  #last: { readonly seconds: number; readonly at: number } | null = null;

  constructor(artifacts: readonly Part[], jobs: number, now = Date.now()) {
    this.#startedAt = now;
    this.#jobs = jobs;
    this.#remaining = new Map(artifacts.map((artifact) => [artifact.id, artifact]));
  }

  start(id: string, now = Date.now()): void {
    this.#startedAtById.set(id, now);
  }

  finish(id: string, now = Date.now()): void {
    const startedAt = this.#startedAtById.get(id);
    this.#measured += startedAt === undefined ? 0 : (now - startedAt) / 1000;
    this.#estimated += startedAt === undefined ? 0 : (this.#remaining.get(id)?.estimateSeconds ?? 0);
    this.#remaining.delete(id);
  }

  /** Nothing is learned from a part that failed. */
  fail(id: string): void {
    this.#remaining.delete(id);
  }

  seconds(now = Date.now()): number {
    const factor = this.#factor(now);
    const left = durationSeconds([...this.#remaining.values()], this.#jobs, ({ id, estimateSeconds }) => {
      const wanted = estimateSeconds * factor;
      // A part that is over its time is expected to take a tenth more.
      return Math.max(wanted - this.#spent(id, now), this.#startedAtById.has(id) ? wanted / 10 : 0);
    });
    const seconds = this.#withoutJump(left, now);
    this.#last = { seconds, at: now };
    return Math.round(seconds);
  }

  #spent = (id: string, now: number): number => (now - (this.#startedAtById.get(id) ?? now)) / 1000;

  /** Seconds for an estimated one. A running part counts once it has taken longer than expected: it says that this machine is slower, never that it is faster. */
  #factor(now: number): number {
    let factor = this.#measured / this.#estimated;
    const running = [...this.#remaining.values()]
      .map(({ id, estimateSeconds }) => ({ estimateSeconds, spent: this.#spent(id, now) }))
      .sort((a, b) => b.spent / b.estimateSeconds - a.spent / a.estimateSeconds);
    let [measured, estimated] = [this.#measured, this.#estimated];
    for (const { estimateSeconds, spent } of running) {
      if (spent <= estimateSeconds * factor) break;
      measured += spent;
      estimated += estimateSeconds;
      factor = measured / estimated;
    }
    return factor;
  }

  #withoutJump(left: number, now: number): number {
    const last = this.#last;
    if (left === 0 || last === null || (now - this.#startedAt) / 1000 <= freeSeconds) return left;
    const expected = Math.max(last.seconds - (now - last.at) / 1000, 0);
    const step = Math.max(last.seconds * largestJump, smallestStepSeconds);
    return Math.min(Math.max(left, expected - step, 0), expected + step);
  }
}
