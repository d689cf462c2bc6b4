import '../../constructs/quiet-stack-traces';
import { App, Testing } from 'cdktf';
import type { ResolvedCluster, ResolvedFleet } from '../../model/resolved-fleet';
import { makeStacks } from '../../stacks';
import { load, resolveFresh } from '../support/fleet-fixture';
import { before, type Json, resourceEdges } from '../support/stack-graph';
import { otherwise as phasesOtherwise, type SeedPhase, seedPhases } from './seed-tart';
import { otherwise as rowsOtherwise, type SeedRow, seedRows } from './seed-trio';

const official = (name: string): ResolvedFleet => resolveFresh(load(name), { source: 'official' });

/** Everything that comes before a component in its cluster. */
function comesAfter({ components }: ResolvedCluster, id: string): ReadonlySet<string> {
  return before(new Map(components.map((component) => [component.id, component.dependsOn])), id);
}

/** What of a row does not hold, each by the name that an exception must have. */
function unheld(fleet: ResolvedFleet, { row, ids, roles, after }: SeedRow): readonly string[] {
  return fleet.clusters.flatMap((cluster) => {
    if (cluster.role === 'standalone' || !roles.includes(cluster.role)) return [];
    const there = cluster.components.map(({ id }) => id);
    const missing = ids.filter((id) => !there.includes(id)).map((id) => `${row} ${cluster.role} ${id}`);
    const stack = fleet.stacks.find(({ name }) => name === `${cluster.name}-platform`)!;
    const holds = (needed: string): boolean =>
      needed === 'cluster' ? stack.needs.includes(cluster.name) : ids.every((id) => comesAfter(cluster, id).has(needed));
    return [...missing, ...after.filter((needed) => !holds(needed)).map((needed) => `${row} ${cluster.role} <- ${needed}`)];
  });
}

describe('the 27 rows of seed 003', () => {
  test('are 27', () => expect(seedRows.map(({ row }) => row)).toHaveLength(27));

  test('hold, or are listed with a reason; no reason is left over', () => {
    const fleet = official('trio');
    const found = new Set(seedRows.flatMap((one) => unheld(fleet, one)));
    expect([...found].sort()).toEqual(Object.keys(rowsOtherwise).sort());
    expect(Object.values(rowsOtherwise).every((reason) => reason.length > 20)).toBe(true);
  });

  test('sabotage: an edge that got lost, a component that is not where the seed wants it, and a stack that forgot its cluster are noticed', () => {
    const fleet = official('trio');
    const sabotaged = (change: (cluster: ResolvedCluster) => ResolvedCluster, stacks = fleet.stacks): readonly string[] => {
      const changed = { ...fleet, stacks, clusters: fleet.clusters.map((cluster) => (cluster.role === 'hub' ? change(cluster) : cluster)) };
      return seedRows.flatMap((one) => unheld(changed, one)).filter((name) => rowsOtherwise[name] === undefined);
    };
    const withoutEdges = (id: string) => (cluster: ResolvedCluster) => ({
      ...cluster,
      components: cluster.components.map((component) => (component.id === id ? { ...component, dependsOn: [] } : component)),
    });
    expect(sabotaged(withoutEdges('cert-manager'))).toContain('2.2 hub <- seaweedfs');
    expect(sabotaged((cluster) => ({ ...cluster, components: cluster.components.filter(({ id }) => id !== 'falco') }))).toEqual([
      '6.4 hub falco',
    ]);
    expect(
      sabotaged(
        (cluster) => cluster,
        fleet.stacks.map((stack) => ({ ...stack, needs: [] })),
      ),
    ).toContain('1.2 hub <- cluster');
  });
});

describe('the 12 phases of seeds 000 and 001', () => {
  const fleet = official('tart');
  const stacks = makeStacks(new App({ outdir: Testing.app().outdir }), fleet);
  const graphs = new Map(fleet.clusters.map(({ name }) => [name, resourceEdges(JSON.parse(Testing.synth(stacks.get(name)!)) as Json)]));

  /** The steps of a phase in a cluster's stack. */
  const stepsOf = (cluster: string, names: readonly string[] = []): readonly string[] =>
    [...graphs.get(cluster)!.keys()].filter((address) => names.some((name) => address.startsWith(`null_resource.${name}-`)));

  /** Whether everything of a phase comes after something of the earlier one, in every cluster that has both. */
  function holds(phase: SeedPhase, earlier: SeedPhase): boolean {
    if (phase.components === undefined)
      return fleet.clusters.every(({ name }) => {
        const first = stepsOf(name, earlier.steps);
        return stepsOf(name, phase.steps).every((step) => first.some((one) => before(graphs.get(name)!, step).has(one)));
      });
    return Object.entries(phase.components).every(([name, ids]) => {
      const cluster = fleet.clusters.find((one) => one.name === name)!;
      if (earlier.components === undefined) return fleet.stacks.find((stack) => stack.name === `${name}-platform`)!.needs.includes(name);
      const first = earlier.components[name];
      return first?.every((needed) => ids.every((id) => comesAfter(cluster, id).has(needed))) ?? false;
    });
  }

  test('are 12, and what each brings is where the seed has it', () => {
    expect(seedPhases.map(({ phase }) => phase)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const missing = seedPhases.flatMap(({ components = {} }) =>
      Object.entries(components).flatMap(([name, ids]) => {
        const there = fleet.clusters.find((cluster) => cluster.name === name)!.components.map(({ id }) => id);
        return ids.filter((id) => !there.includes(id)).map((id) => `${id} in ${name}`);
      }),
    );
    expect(missing).toEqual([]);
    for (const { name } of fleet.clusters) expect(stepsOf(name, ['machine', 'prepare', 'init', 'kubeconfig']).length).toBeGreaterThan(5);
  });

  test.each(seedPhases.map((phase) => [`${phase.phase}, ${phase.said}`, phase] as const))(
    'phase %s: comes after what it needs',
    (_, phase) => {
      const earlier = (number: number): SeedPhase => seedPhases[number - 1]!;
      expect(phase.after.filter((number) => !holds(phase, earlier(number)))).toEqual([]);
    },
  );

  test('each phase comes after the one before, or a reason says why not; no reason is left over', () => {
    const missing = seedPhases
      .slice(1)
      .flatMap((phase, index) => (holds(phase, seedPhases[index]!) ? [] : [`${phase.phase} <- ${phase.phase - 1}`]));
    expect(missing.sort()).toEqual(Object.keys(phasesOtherwise).sort());
  });
});
