import type { ChartTree, ValuePath } from './chart-tree';
import { documentsOf, type Rendered } from './helm';
import { suspects } from './suspects';
import { isMap, type Value, type Values, valueAt, without, withValue } from './values-tree';

/** A release with other values. */
export type Rerender = (values: Values) => Promise<Rendered>;

const probe = 'flotilla-probe';

/**
 * Keys of ours that nothing reads: the chart's text does not show it, and neither leaving the key out nor another value changes what the chart
 * renders. What renders differently by itself (made-up certificates), or because a chart dumps all values somewhere, does not count.
 */
export async function ghosts(
  values: Values,
  tree: ChartTree,
  rerender: Rerender,
  known = new Map<string, boolean>(),
): Promise<readonly ValuePath[]> {
  const doubtful = suspects(values, tree);
  const open = doubtful.filter((path) => !known.has(path.join('.')));
  if (open.length > 0) {
    const base = await rerender(values);
    const probed = await rerender({ ...values, [probe]: probe });
    // A schema that knows all its keys refuses the probe.
    const restless = unlike(base, probed.error === null ? probed : await rerender(values));
    for (const path of open) {
      const value = valueAt(values, path)!;
      const changes = async (other: Values): Promise<boolean> => {
        const rendered = await rerender(other);
        return (
          rendered.error !== null || [...unlike(base, rendered)].some((place) => !restless.has(place) && !restless.has(documentOf(place)))
        );
      };
      const isRead = (await changes(without(values, path))) || (value !== null && (await changes(withValue(values, path, another(value)))));
      known.set(path.join('.'), isRead);
    }
  }
  return doubtful.filter((path) => known.get(path.join('.')) === false);
}

function another(value: Value): Value {
  if (typeof value === 'string') return `${value}${probe}`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return isMap(value) ? { ...value, [probe]: probe } : [];
}

const documentOf = (place: string): string => place.replace(/:\d+$/, '');

/** Places where two renders differ: `<document>:<line>`, or the whole document where lines were added or removed. */
function unlike(one: Rendered, other: Rendered): ReadonlySet<string> {
  const left = linesByDocument(one);
  const right = linesByDocument(other);
  const places = new Set<string>();
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [ours = [], theirs = []] = [left.get(name), right.get(name)];
    if (ours.length !== theirs.length) places.add(name);
    else for (const [line, text] of ours.entries()) if (text !== theirs[line]) places.add(`${name}:${line}`);
  }
  return places;
}

function linesByDocument({ text }: Rendered): ReadonlyMap<string, readonly string[]> {
  const counts = new Map<string, number>();
  return new Map(
    documentsOf(text ?? '').map(({ source, text: part }) => {
      const kind = /^kind: *(\S+)/m.exec(part)?.[1] ?? '';
      const name = /^ {2}name: *(\S+)/m.exec(part)?.[1] ?? '';
      const id = [source, kind, name].join(' ');
      counts.set(id, (counts.get(id) ?? 0) + 1);
      return [`${id} ${counts.get(id)}`, part.split('\n')];
    }),
  );
}
