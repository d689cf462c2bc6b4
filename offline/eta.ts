import type { Artifact } from './artifact';

/** Remaining time in whole seconds, from the estimates and from how fast this machine has been so far. */
export class Eta {
  readonly #startedAt: number;
  readonly #jobs: number;
  readonly #remaining = new Map<string, number>();
  readonly #startedAtById = new Map<string, number>();
  #finishedEstimate = 0;

  constructor(artifacts: readonly Artifact[], jobs: number, now = Date.now()) {
    this.#startedAt = now;
    this.#jobs = jobs;
    for (const artifact of artifacts) this.#remaining.set(artifact.id, artifact.estimateSeconds);
  }

  start(id: string, now = Date.now()): void {
    this.#startedAtById.set(id, now);
  }

  finish(id: string): void {
    this.#finishedEstimate += this.#remaining.get(id) ?? 0;
    this.#remaining.delete(id);
  }

  seconds(now = Date.now()): number {
    let left = 0;
    for (const [id, estimate] of this.#remaining) {
      const startedAt = this.#startedAtById.get(id);
      const spent = startedAt === undefined ? 0 : (now - startedAt) / 1000;
      left += Math.max(estimate - spent, estimate / 10);
    }
    const elapsed = (now - this.#startedAt) / 1000;
    // Before a minute of work is known by its result, the plan is all there is.
    const secondsPerEstimated = this.#finishedEstimate < 60 ? 1 / this.#jobs : elapsed / this.#finishedEstimate;
    return Math.round(left * secondsPerEstimated);
  }
}
