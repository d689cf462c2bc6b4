import type { ChartTree, ValuePath } from './chart-tree';
import { isMap, type Value, type Values } from './values-tree';

/**
 * Keys of ours of which the chart's text does not show that it reads them: neither its values.yaml has them nor a template names them.
 * Where a map is handed on as a whole, what is in it cannot be told from the text: such keys are suspects too, and rendering decides.
 */
export function suspects(values: Values, { defaults, reads }: ChartTree): readonly ValuePath[] {
  const exact = new Set(reads.map(keyOf));
  const beyond = new Set(reads.flatMap((path) => path.slice(0, -1).map((_, end) => keyOf(path.slice(0, end + 1)))));

  const visit = (ours: Values, theirs: Value | undefined, path: ValuePath): ValuePath[] =>
    Object.entries(ours).flatMap(([key, value]) => {
      const here = [...path, key];
      const known = isMap(theirs) && key in theirs;
      const below = known ? theirs[key] : undefined;
      const isRead = exact.has(keyOf(here));
      const isReadBelow = beyond.has(keyOf(here));
      if (!isMap(value) || Object.keys(value).length === 0) return known || isRead || isReadBelow ? [] : [here];
      if (isMap(below) && Object.keys(below).length > 0) return visit(value, below, here);
      // Handed on as a whole and never looked into.
      if (!isReadBelow && (known || isRead)) return [];
      return isReadBelow ? visit(value, undefined, here) : [here];
    });

  return visit(values, defaults, []);
}

const keyOf = (path: ValuePath): string => path.join('\0');
