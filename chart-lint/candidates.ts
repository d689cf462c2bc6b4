import type { ChartTree, ValuePath } from '../artifacts/charts/chart-tree';
import { isMap, type Value, type Values } from '../artifacts/charts/values-tree';

export interface Suspect {
  readonly path: ValuePath;
  /** A map on the way that the chart has, empty, for us to fill: with its part of the chart switched off nothing in it can be judged. */
  readonly within: ValuePath | null;
}

/**
 * Keys of ours of which the chart's text does not show that it reads them: neither its values.yaml has them nor a template names them.
 * Where a map is handed on as a whole, what is in it cannot be told from the text: all its leaves are suspects, and rendering decides.
 */
export function suspects(values: Values, { defaults, reads }: ChartTree): readonly Suspect[] {
  const exact = new Set(reads.map(keyOf));
  const beyond = new Set(reads.flatMap((path) => path.slice(0, -1).map((_, end) => keyOf(path.slice(0, end + 1)))));

  const visit = (ours: Values, theirs: Value | undefined, path: ValuePath, within: ValuePath | null): Suspect[] =>
    Object.entries(ours).flatMap(([key, value]) => {
      const here = [...path, key];
      const known = isMap(theirs) && key in theirs;
      const below = known ? theirs[key] : undefined;
      const isRead = exact.has(keyOf(here));
      const isReadBelow = beyond.has(keyOf(here));
      if (!isMap(value) || Object.keys(value).length === 0) return known || isRead || isReadBelow ? [] : [{ path: here, within }];
      if (isMap(below) && Object.keys(below).length > 0) return visit(value, below, here, within);
      const open = within ?? (known ? here : null);
      // Handed on as a whole and never looked into, or not known at all.
      return isReadBelow ? visit(value, undefined, here, open) : leaves(value, here).map((leaf) => ({ path: leaf, within: open }));
    });

  return visit(values, defaults, [], null);
}

const leaves = (values: Values, path: ValuePath): ValuePath[] =>
  Object.entries(values).flatMap(([key, value]) =>
    isMap(value) && Object.keys(value).length > 0 ? leaves(value, [...path, key]) : [[...path, key]],
  );

const keyOf = (path: ValuePath): string => path.join('\0');
