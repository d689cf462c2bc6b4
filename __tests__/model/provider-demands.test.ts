import { type Component, defineComponent } from '../../components/define';
import { applyChanges } from '../../config/change';
import type { Feature } from '../../machines/define';
import { problemsOf } from '../../model/validate';
import { fromText, resolveFresh } from '../support/fleet-fixture';

const needy = (needs: readonly Feature[], more: Partial<Component> = {}) =>
  defineComponent({ id: 'needy', summary: 'needs much', roles: ['standalone'], namespace: { name: 'needy' }, needs, ...more });
const fleet = (provider: string, more: object = {}, nodes = 1) => ({
  provider,
  budget: { memoryMiB: 8192 },
  clusters: [
    {
      name: 'one',
      id: 1,
      role: 'standalone',
      nodes: Array.from({ length: nodes }, (_, index) => ({
        name: `one-${index}`,
        role: index === 0 ? 'control-plane' : 'worker',
        memoryMiB: 2048,
      })),
    },
  ],
  ...more,
});
const written = (tree: object) => fromText(JSON.stringify(tree));

/** The one problem, after seeing that what it says to change makes the fleet good. */
function wayOut(tree: object, catalog: readonly Component[]) {
  const problems = problemsOf({ fleet: written(tree), catalog });
  expect(problems).toHaveLength(1);
  const { remedy, rule, changes } = problems[0]!;
  if (changes) expect(problemsOf({ fleet: written(applyChanges(tree, changes)), catalog })).toEqual([]);
  return { remedy, rule, changes };
}

describe('the cheapest change', () => {
  test('another network goes before leaving the component out, and one that breaks something else is passed over', () => {
    const { remedy, rule } = wayOut(fleet('tart', {}, 2), [needy(['ipv6'])]);
    expect(rule).toBe('needy of cluster "one" asks that machines have IPv6; not with tart on its network softnet');
    expect(remedy).toBe('write machineNetwork: bridged');
    expect(wayOut(fleet('tart'), [needy(['ipv6'])]).remedy).toBe('write machineNetwork: nat');
  });

  test('leaving the component out goes before another provider: by the list that it is on, with the values that tuned it', () => {
    expect(wayOut(fleet('nspawn'), [needy(['l7'])])).toMatchObject({
      remedy: 'leave needy out of cluster "one"',
      changes: [{ path: ['clusters', 0, 'components', 'remove'], value: ['needy'] }],
    });
    const asked = fleet('nspawn');
    Object.assign(asked.clusters[0]!, { components: { add: ['needy'], values: { needy: { replicas: 1 } } } });
    expect(wayOut(asked, [needy(['l7'], { roles: [] })]).changes).toEqual([
      { path: ['clusters', 0, 'components', 'add'], value: [] },
      { path: ['clusters', 0, 'components', 'values', 'needy'] },
    ]);
  });

  test('another provider comes last: where something that stays needs the component; words of the old one go', () => {
    const inner = needy(['stableAddresses']);
    const outer = defineComponent({ id: 'outer', summary: '', roles: ['standalone'], namespace: { name: 'outer' }, requires: [inner] });
    const problem = wayOut(fleet('tart', { machineNetwork: 'softnet', image: 'mine:1' }), [inner, outer]);
    expect(problem.remedy).toBe('write provider: nspawn and leave machineNetwork and image out');
    expect(problem.changes).toEqual([{ path: ['provider'], value: 'nspawn' }, { path: ['machineNetwork'] }, { path: ['image'] }]);
  });

  test('where nothing helps, nothing is promised', () => {
    const inner = needy(['stableAddresses', 'l7']);
    const outer = defineComponent({ id: 'outer', summary: '', roles: ['standalone'], namespace: { name: 'outer' }, requires: [inner] });
    const problems = problemsOf({ fleet: written(fleet('tart')), catalog: [inner, outer] });
    expect(problems).toMatchObject([{ id: 'provider-features', remedy: 'take a provider that can' }]);
    expect(problems[0]!.changes).toBeUndefined();
  });
});

test('what is unproven is a warning that says who relies on it, once per feature', () => {
  const catalog = [needy(['ipv6', 'foreignSources'])];
  const { warnings } = resolveFresh(written(fleet('tart', { machineNetwork: 'bridged' })), { catalog });
  expect(warnings).toEqual([
    'not proven with tart on its network bridged: that machines have IPv6; needy of cluster "one" relies on it',
    'not proven with tart on its network bridged: that frames whose source is not the machine\'s own address pass: L2 VIPs, routed pod addresses; needy of cluster "one" relies on it',
  ]);
  expect(resolveFresh(written(fleet('tart')), { catalog: [needy(['cgroupV2'])] }).warnings).toEqual([]);
});

test('one machine alone needs no other: nat is enough; two clusters that work together are not one', () => {
  expect(problemsOf({ fleet: written(fleet('tart', { machineNetwork: 'nat' })) }).map(({ id }) => id)).toEqual(['missing-slot']);
  const [cluster] = fleet('tart').clusters;
  const other = { ...cluster!, name: 'two', id: 2, nodes: [{ ...cluster!.nodes[0]!, name: 'two-0' }] };
  const pair = (role: string) => fleet('tart', { machineNetwork: 'nat', clusters: [cluster, { ...other, role }] });
  const ids = (tree: object) => problemsOf({ fleet: written(tree), catalog: [] }).map(({ id }) => id);
  expect(ids(pair('standalone'))).toEqual([]);
  expect(ids(pair('agent'))).toEqual(['provider-features']);
});
