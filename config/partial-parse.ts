import type { z } from 'zod';
import { nearest } from './nearest';
import type { FleetProblem } from './problem';
import { describeText } from './shown';
import type { StandIn } from './stand-in';
import { describeField, unknownKeyProblems } from './unknown-keys';

type Path = readonly (string | number)[];

export interface Salvaged<T> {
  /** What could be understood; `null` when nothing could. */
  readonly spec: T | null;
  /** The same as it was written. */
  readonly rest: unknown;
  readonly problems: readonly FleetProblem[];
  /** Path in the file of a path in `spec`: they differ behind a list entry that was left out. */
  readonly original: (path: Path) => Path;
}

/**
 * Parses a fleet, or what is laid over one, and, when parts are faulty, leaves those out and parses again:
 * a wrong shape in one place must not hide what is wrong elsewhere.
 * @param standInAt what to put in place of a faulty value that must not be left out. @default - nothing
 */
export function salvage<S extends z.ZodObject>(
  schema: S,
  tree: unknown,
  standInAt: (path: Path) => StandIn | null = () => null,
): Salvaged<z.output<S>> {
  if (tree === undefined) return { spec: null, rest: undefined, problems: [], original: (path) => path };
  const rest = structuredClone(tree);
  const removed: Path[] = [];
  const original = (path: Path) => removed.reduceRight<Path>(shiftBack, path);
  let problems: FleetProblem[] = [];
  for (let round = 0; round < 5; round++) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { spec: parsed.data, rest, problems, original };
    if (round === 0) problems = parsed.error.issues.flatMap((issue) => problemsOf(schema, issue, tree));
    for (const path of leftOut(parsed.error.issues, round)) {
      const known = round === 0 ? standInAt(path) : null;
      if (known !== null) replace(rest, path, known);
      else if (remove(rest, path)) removed.push(path);
    }
  }
  return { spec: null, rest: undefined, problems, original };
}

function problemsOf(schema: z.ZodObject, issue: z.core.$ZodIssue, tree: unknown): FleetProblem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') return unknownKeyProblems(schema, path, issue.keys);
  const value = valueAt(tree, path);
  const rule = value === undefined ? 'is missing' : issue.message.replace(/^Invalid input: /, '');
  const remedy = describeField(schema, path) ?? 'docs/generated/fleet.schema.json has the shape';
  // A text where none is expected may be anything, also a password that belongs one line lower.
  if (typeof value === 'string' && !isPlausible(value, issue))
    return [{ id: 'schema', path, value: undefined, rule: `${describeText(value)} ${rule}`, remedy }];
  return [{ id: 'schema', path, value, rule, remedy }];
}

function isPlausible(text: string, issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_type') return /^[+-]?[\d.,_]{1,12}\s?[A-Za-z]{0,3}$/.test(text);
  if (issue.code === 'invalid_value') return nearest(text, issue.values.map(String)) !== null || /^[a-z-]{1,20}$/i.test(text);
  return true;
}

function replace(tree: unknown, path: Path, { value, without = [] }: StandIn): void {
  const holder = valueAt(tree, path.slice(0, -1)) as Record<string | number, unknown>;
  holder[path.at(-1)!] = value;
  for (const field of without) delete holder[field];
}

/** Round 0 leaves out the faulty values, each later round the list entries around them; later entries first, so that indices stay true. */
function leftOut(issues: readonly z.core.$ZodIssue[], round: number): Path[] {
  const paths = issues.flatMap((issue): Path[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
    return [round === 0 ? path : path.slice(0, path.findLastIndex((part) => typeof part === 'number') + 1)];
  });
  const unique = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  return unique.sort((left, right) => compare(right, left));
}

function compare(left: Path, right: Path): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [a, b] = [left[index]!, right[index]!];
    if (a !== b) return typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1;
  }
  return left.length - right.length;
}

/** True when a list entry went, which moves those behind it. */
function remove(tree: unknown, path: Path): boolean {
  const holder = valueAt(tree, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(holder) && typeof last === 'number') {
    holder.splice(last, 1);
    return true;
  }
  if (holder !== null && typeof holder === 'object' && last !== undefined) delete (holder as Record<string, unknown>)[last];
  return false;
}

function shiftBack(path: Path, removed: Path): Path {
  const depth = removed.length - 1;
  const [gone, index] = [removed[depth] as number, path[depth]];
  const sameList = removed.slice(0, depth).every((part, at) => part === path[at]);
  return sameList && typeof index === 'number' && index >= gone ? [...path.slice(0, depth), index + 1, ...path.slice(depth + 1)] : path;
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      value !== null && typeof value === 'object' && Object.hasOwn(value, part) ? value[part as keyof typeof value] : undefined,
    tree,
  );
}
