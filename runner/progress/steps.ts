import { readFileSync } from 'node:fs';

/** One thing that was done, in seconds since the run began. */
export interface Step {
  readonly id: string;
  readonly stack: string;
  readonly title: string;
  readonly startSeconds: number;
  endSeconds: number | null;
  failed: boolean;
  /** Ids of steps that had to be over before this one could begin; those that did not run are passed through. */
  readonly after: readonly string[];
}

/** What a stack's resources wait for, by address, as the synthesized JSON says. */
export function dependencies(stackFile: string): ReadonlyMap<string, readonly string[]> {
  const { resource = {} } = JSON.parse(readFileSync(stackFile, 'utf8')) as {
    resource?: Record<string, Record<string, { depends_on?: string[] }>>;
  };
  const edges = new Map<string, readonly string[]>();
  for (const [type, resources] of Object.entries(resource)) {
    for (const [name, { depends_on: needs = [] }] of Object.entries(resources)) edges.set(`${type}.${name}`, needs.map(withoutKey));
  }
  return edges;
}

/** `null_resource.lease["hub-cp-1"]` belongs to the block `null_resource.lease`. */
export const withoutKey = (address: string): string => address.replace(/\[.*$/, '');

export interface Efficiency {
  readonly makespanSeconds: number;
  /** Share of the makespan in which at least one step could have run and did not, 0–1. */
  readonly idleWhileReady: number;
}

/** A step is ready when the last of those that it waits for is over; from then on until its start the run idles while ready. */
export function efficiency(steps: readonly Step[]): Efficiency {
  const over = steps.filter((step): step is Step & { endSeconds: number } => step.endSeconds !== null);
  if (over.length === 0) return { makespanSeconds: 0, idleWhileReady: 0 };
  const ended = new Map(over.map((step) => [step.id, step.endSeconds]));
  const begin = Math.min(...over.map((step) => step.startSeconds));
  const makespanSeconds = Math.max(...ended.values()) - begin;
  const gaps = over
    .map((step): [number, number] => [Math.max(begin, ...step.after.map((id) => ended.get(id) ?? begin)), step.startSeconds])
    .filter(([ready, start]) => start > ready)
    .sort(([a], [b]) => a - b);
  let idle = 0;
  let covered = Number.NEGATIVE_INFINITY;
  for (const [ready, start] of gaps) {
    idle += Math.max(0, start - Math.max(ready, covered));
    covered = Math.max(covered, start);
  }
  return { makespanSeconds, idleWhileReady: makespanSeconds === 0 ? 0 : idle / makespanSeconds };
}

/** One step of the chain that decided how long a run took. */
export interface Link {
  readonly step: Step;
  readonly seconds: number;
  /** Between the end of the step before it (for the first one: the beginning of the run) and its start. */
  readonly waitSeconds: number;
  /** Of the makespan, 0–1. */
  readonly share: number;
}

/**
 * From the step that ended last back to the beginning, always to the one that was waited for longest: nothing outside of this chain could
 * have made the run shorter. Its seconds and its waits add up to the makespan.
 */
export function criticalPath(steps: readonly Step[]): readonly Link[] {
  const over = steps.filter((step): step is Step & { endSeconds: number } => step.endSeconds !== null);
  const latest = (candidates: readonly (Step & { endSeconds: number })[]) =>
    candidates.reduce<(Step & { endSeconds: number }) | null>(
      (best, step) => (best && best.endSeconds >= step.endSeconds ? best : step),
      null,
    );
  const begin = Math.min(...over.map(({ startSeconds }) => startSeconds));
  const links: Link[] = [];
  const seen = new Set<Step>();
  let step = latest(over);
  const makespanSeconds = (step?.endSeconds ?? 0) - begin;
  while (step !== null) {
    seen.add(step);
    const { startSeconds, endSeconds, after } = step;
    const before = latest(over.filter((other) => after.includes(other.id) && other.endSeconds <= startSeconds && !seen.has(other)));
    const seconds = endSeconds - startSeconds;
    const waitSeconds = startSeconds - (before?.endSeconds ?? begin);
    links.unshift({ step, seconds, waitSeconds, share: makespanSeconds === 0 ? 0 : seconds / makespanSeconds });
    step = before;
  }
  return links;
}
