/** Something that is not as Flotilla left it. */
export interface Difference {
  /** A resource of Terraform, an object of a cluster, or a node. */
  readonly address: string;
  readonly what: 'deleted' | 'changed' | 'gone' | 'off' | 'strange';
  /** What of it differs; never a value, which might be nobody's business. */
  readonly paths: readonly string[];
}

/** What was found in one place. */
export interface Look {
  readonly where: string;
  readonly differences: readonly Difference[];
  /** Why it could not be looked at, or not all of it; empty when it could. */
  readonly errors: readonly string[];
}

/** Where two JSON values differ, e.g. `metadata[0].labels.team`. An object or list that one side lacks is one path. */
export function differingPaths(before: unknown, after: unknown, path = ''): readonly string[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after))
    return indices(before, after).flatMap((index) => differingPaths(before[index], after[index], `${path}[${index}]`));
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => differingPaths(before[key], after[key], join(path, key)));
  }
  return isNothing(before) && isNothing(after) ? [] : [path];
}

const indices = (a: readonly unknown[], b: readonly unknown[]): number[] => [...Array(Math.max(a.length, b.length)).keys()];
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNothing = (value: unknown): boolean => value === undefined || value === null;

function join(path: string, key: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
