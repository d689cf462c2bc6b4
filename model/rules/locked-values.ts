import { isValues } from '../merge-values';
import { selectComponents } from '../select-components';
import { type BrokenRule, clustersOf, type Rule } from './rule';

/** What a contract depends on is not tuned by a fleet; `null` stands for what the component computes. */
export const fixedValues: Rule = {
  id: 'fixed-values',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) =>
      selectComponents(cluster, catalog).components.flatMap(({ id, fixed }) =>
        differences(cluster.components.values[id], fixed, [...cluster.path, 'components', 'values', id]),
      ),
    ),
};

function differences(tuned: unknown, fixed: unknown, path: BrokenRule['path']): readonly BrokenRule[] {
  if (tuned === undefined || fixed === undefined) return [];
  if (isValues(fixed) && isValues(tuned)) {
    const said = (key: string): unknown => (Object.hasOwn(tuned, key) ? tuned[key] : undefined);
    return Object.entries(fixed).flatMap(([key, inner]) => differences(said(key), inner, [...path, key]));
  }
  if (isValues(fixed)) {
    const rule = `has to stay a map with ${Object.keys(fixed).join(', ')}: a contract of the fleet depends on what is in it`;
    return [{ path, value: tuned, rule, remedy: 'leave it out', waysOut: [{ remedy: 'leave it out', changes: [{ path }] }] }];
  }
  if (fixed !== null && JSON.stringify(tuned) === JSON.stringify(fixed)) return [];
  const wanted = fixed === null ? 'is computed' : `has to be ${JSON.stringify(fixed)}`;
  const rule = `${wanted}: a contract of the fleet depends on it`;
  return [{ path, value: tuned, rule, remedy: 'leave it out', waysOut: [{ remedy: 'leave it out', changes: [{ path }] }] }];
}
