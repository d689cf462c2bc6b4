import { catalog } from '../../components';
import type { Component, Slot } from '../../components/define';
import type { FleetInput } from '../../config/schema';
import { installOrder } from '../../model/install-order';
import { missingSlot } from '../../model/rules/missing-slot';
import { removedNeeded } from '../../model/rules/removed-needed';
import type { Rule } from '../../model/rules/rule';
import { selectComponents } from '../../model/select-components';
import { problemsOf } from '../../model/validate';
import { fromText, load } from '../support/fleet-fixture';
import { fake, net, twoClusters } from '../support/two-clusters';

const problems = (set: readonly Component[], fleet: FleetInput = twoClusters()) =>
  problemsOf({ fleet: fromText(JSON.stringify(fleet)), catalog: set }).map(({ id, rule }) => `${id}: ${rule}`);

describe('pod security, labels, limits and quota of a shared namespace', () => {
  const shared = (id: string, more: object) => fake(id, { namespace: { name: 'shared', podSecurity: 'baseline', ...more } });
  const limits = { default: { memory: '1Gi' } };

  test.each([
    ['pod security', shared('b', { podSecurity: 'restricted' }), 'a wants pod security baseline, b wants pod security restricted'],
    ['nobody or us', fake('b', { namespace: { name: 'shared' } }), 'b wants pod security none of ours'],
    ['a label', shared('b', { labels: { mesh: 'off' } }), 'a wants label mesh on, b wants label mesh off'],
    ['limits', shared('b', { limits }), 'a wants limits {"default":{"memory":"2Gi"}}, b wants limits {"default":{"memory":"1Gi"}}'],
  ])('two that want different things of %s are refused by name', (_, other, words) => {
    const found = problems([net, shared('a', { labels: { mesh: 'on' }, limits: { default: { memory: '2Gi' } } }), other]);
    expect(found).toHaveLength(2);
    expect(found[0]).toContain(`namespace-agreement: components of cluster "center" do not agree on namespace shared: `);
    expect(found[0]).toContain(words);
  });

  test('one that says nothing of labels or limits agrees with everybody', () => {
    expect(problems([net, shared('a', { limits, labels: { mesh: 'on' } }), shared('b', {}), shared('c', { limits })])).toEqual([]);
  });
});

describe('a component that a role must not have', () => {
  const policies = fake('policies', { roles: ['agent'], never: ['hub'] });
  const fleet = (add: string[]): FleetInput => {
    const { clusters, ...rest } = twoClusters();
    return { ...rest, clusters: clusters.map((cluster, index) => ({ ...cluster, components: { add: index === 0 ? add : [] } })) };
  };

  test('is refused where a fleet adds it, and where another component drags it in', () => {
    expect(problems([net, policies])).toEqual([]);
    expect(problems([net, policies], fleet(['policies']))).toEqual([
      'forbidden-role: policies must not be in cluster "center", which is of role hub',
    ]);
    const reports = fake('reports', { roles: [], requires: [policies] });
    const found = problemsOf({ fleet: fromText(JSON.stringify(fleet(['reports']))), catalog: [net, policies, reports] });
    expect(found).toMatchObject([{ id: 'forbidden-role', remedy: expect.stringContaining('drop reports from') }]);
  });
});

/** Every component of every kind of cluster, taken away alone. */
const removals = (['trio', 'tart', 'kind', 'lab'] as const).flatMap((name) => {
  const { spec } = load(name);
  const kinds = new Set<string>();
  return spec!.clusters.flatMap((cluster, index) => {
    const components = selectComponents(cluster, catalog).components;
    const kind = components.map(({ id }) => id).join(' ');
    if (kinds.has(kind)) return [];
    kinds.add(kind);
    return components.map((component) => [`${component.id} from ${cluster.name} of ${name}`, name, index, component] as const);
  });
});

describe('taking a component away', () => {
  test('there is something to take away', () => expect(removals.length).toBeGreaterThan(15));

  /** What goes wrong with any of them, with the rules and the order as they are told. */
  const wrongs = (rules: readonly Rule[], ordered: typeof installOrder, taken = removals) =>
    taken.flatMap(([what, name, index, { id, provides = [] }]) => {
      const fleet = load(name);
      const clusters = fleet.spec!.clusters.map((cluster, at) => {
        if (at !== index) return cluster;
        const { add, remove, values, ...more } = cluster.components;
        const { [id]: _, ...others } = values;
        return { ...cluster, components: { ...more, add: add.filter((one) => one !== id), remove: [...remove, id], values: others } };
      });
      const changed = { ...fleet, spec: { ...fleet.spec!, clusters } };
      const left = selectComponents(clusters[index]!, catalog).components;
      const isOpen = (slot: Slot): boolean => provides.includes(slot) && !left.some((one) => one.provides?.includes(slot));
      const needing = left.filter(({ requires = [] }) =>
        requires.some((target) => (typeof target === 'string' ? isOpen(target) : target.id === id)),
      );
      const told = problemsOf({ fleet: changed, rules });
      const text = told.map(({ rule }) => rule).join('\n');
      if (needing.length > 0)
        return needing.filter((one) => !text.includes(one.id)).map((one) => `${what}: nothing says that ${one.id} needs it`);
      if (told.length > 0) return [`${what}: refused without need: ${text}`];
      const order = ordered(left, clusters[index]!.role !== 'agent');
      return order.some(({ dependsOn }) => dependsOn.includes(id)) ? [`${what}: an edge to it is left`] : [];
    });

  test('takes its edges along, or is refused with the names of those that need it', () => {
    expect(wrongs([removedNeeded, missingSlot], installOrder)).toEqual([]);
  });

  test('sabotage: a rule that is off, one that refuses everything and an edge that stays are seen', () => {
    const taken = (what: string) => removals.filter(([one]) => one === what);
    const operator = 'prometheus-operator-crds from mgmt of trio';
    expect(wrongs([missingSlot], installOrder, taken(operator))).toContain(`${operator}: nothing says that thanos needs it`);
    const store = 'seaweedfs from mgmt of trio';
    expect(wrongs([removedNeeded], installOrder, taken(store))).toContain(`${store}: nothing says that loki needs it`);
    const demo = 'demo from app1 of trio';
    const always: Rule = { id: 'always', check: () => [{ path: [], value: undefined, rule: 'no', remedy: 'none' }] };
    expect(wrongs([always], installOrder, taken(demo))).toEqual([`${demo}: refused without need: no`]);
    const keeping: typeof installOrder = (...given) => installOrder(...given).map((one) => ({ ...one, dependsOn: ['demo'] }));
    expect(wrongs([removedNeeded, missingSlot], keeping, taken(demo))).toEqual([`${demo}: an edge to it is left`]);
  });
});
