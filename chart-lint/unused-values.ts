import { availableParallelism } from 'node:os';
import type { ChartTree, ValuePath } from '../artifacts/charts/chart-tree';
import { documentsOf, type Rendered } from '../artifacts/charts/helm';
import { isMap, type Value, type Values, valueAt, without, withValue } from '../artifacts/charts/values-tree';
import { type Suspect, suspects } from './candidates';

/** A release with other values. */
export type Rerender = (values: Values) => Promise<Rendered>;

const probe = 'flotilla-probe';

/** dumped: all that can be seen is that the chart writes all its values down somewhere, whether a program reads this one cannot be told. */
export type Fate = 'read' | 'dumped' | 'ghost';

export interface JudgedKey {
  readonly path: ValuePath;
  readonly fate: Exclude<Fate, 'read'>;
}

/**
 * Keys of ours that nothing reads: the chart's text does not show it, and neither leaving the key out nor another value changes what the chart
 * renders, but for what renders differently by itself (made-up certificates).
 */
export async function ghosts(
  values: Values,
  tree: ChartTree,
  rerender: Rerender,
  known = new Map<string, Fate>(),
): Promise<readonly JudgedKey[]> {
  const doubtful = suspects(values, tree);
  const open = doubtful.filter(({ path }) => !known.has(path.join('.')));
  if (open.length > 0) {
    const base = await rerender(values);
    const restless = unlike(base, await rerender(values));
    // A schema that knows all its keys refuses the probe, and such a chart would refuse a ghost too.
    const probed = await rerender({ ...values, [probe]: probe });
    const dumps = probed.error === null ? unlike(base, probed) : new Set<string>();
    const fateOf = async (other: Values): Promise<Fate> => {
      const rendered = await rerender(other);
      if (rendered.error !== null) return 'read';
      const changed = [...unlike(base, rendered)].filter((place) => !isIn(place, restless));
      if (changed.some((place) => !isIn(place, dumps))) return 'read';
      return changed.length > 0 ? 'dumped' : 'ghost';
    };
    for (const path of await shown(values, open, base, dumps, rerender)) known.set(path.join('.'), 'read');
    const judge = async ({ path, within }: Suspect): Promise<void> => {
      const value = valueAt(values, path)!;
      const left = await fateOf(without(values, path));
      const other = left === 'read' || value === null ? left : await fateOf(withValue(values, path, another(value)));
      const fate = other === 'ghost' ? left : other;
      const isIdle = fate === 'ghost' && within !== null && (await fateOf(without(values, within))) === 'ghost';
      known.set(path.join('.'), isIdle ? 'read' : fate);
    };
    const atOnce = availableParallelism();
    const left = open.filter(({ path }) => !known.has(path.join('.')));
    for (let first = 0; first < left.length; first += atOnce) await Promise.all(left.slice(first, first + atOnce).map(judge));
  }
  return doubtful.flatMap(({ path }) => {
    const fate = known.get(path.join('.'))!;
    return fate === 'read' ? [] : [{ path, fate }];
  });
}

/**
 * Texts of which one render shows that they are read: each gets a mark, and the marks that come out again, elsewhere than where the chart writes all its
 * values down, are those of keys that are read. It saves a render per key; what does not show, or does not render, is judged one by one.
 */
async function shown(
  values: Values,
  open: readonly Suspect[],
  base: Rendered,
  dumps: ReadonlySet<string>,
  rerender: Rerender,
): Promise<readonly ValuePath[]> {
  const texts = open.filter(({ path }) => typeof valueAt(values, path) === 'string');
  if (texts.length < 2) return [];
  const mark = (index: number): string => `${probe}-${index}-`;
  const marked = texts.reduce((all, { path }, index) => withValue(all, path, `${String(valueAt(values, path))}${mark(index)}`), values);
  const rendered = await rerender(marked);
  if (rendered.error !== null) return [];
  const lines = linesByDocument(rendered);
  const seen = [...unlike(base, rendered)]
    .filter((place) => !isIn(place, dumps))
    .flatMap((place) => {
      const line = /:(\d+)$/.exec(place);
      return line === null ? (lines.get(place) ?? []) : [lines.get(place.slice(0, line.index))?.[Number(line[1])] ?? ''];
    })
    .join('\n');
  return texts.flatMap(({ path }, index) => (seen.includes(mark(index)) ? [path] : []));
}

const isIn = (place: string, places: ReadonlySet<string>): boolean => places.has(place) || places.has(place.replace(/:\d+$/, ''));

function another(value: Value): Value {
  if (typeof value === 'string') return `${value}${probe}`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return isMap(value) ? { ...value, [probe]: probe } : [];
}

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
