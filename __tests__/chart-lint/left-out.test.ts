import { pinnedCharts, usersOf } from '../../artifacts/charts/lock';
import { isHollow, leaveOutScripts } from '../../artifacts/charts/stubbed';
import { standInPlan } from '../../artifacts/charts/stubs';
import type { StandInPlan } from '../../artifacts/stub-chart';
import { standInPrograms } from '../../artifacts/stub-programs';
import { catalog } from '../../components';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { load, resolveFresh } from '../support/fleet-fixture';

const model = resolveFresh(load('trio', 'nspawn'));
const charts = standInPrograms.map(({ chart }) => chart);
const plans = (runnable: readonly string[]): readonly StandInPlan[] => pinnedCharts().map((pin) => standInPlan(pin, catalog, runnable));

/** Scripts that would talk to a pod of busybox. */
const talking = ({ clusters }: ResolvedFleet, standIns: readonly StandInPlan[]): readonly string[] =>
  clusters.flatMap(({ components }) =>
    components
      .filter((component) => isHollow(component, standIns))
      .flatMap(({ id, steps, links }) => [...steps, ...links].map((step) => `${id}/${step.id}`)),
  );
const namesOf = ({ clusters }: ResolvedFleet): readonly string[] =>
  clusters.flatMap(({ components }) =>
    components.flatMap(({ id, steps, links }) => [...steps, ...links].map((step) => `${id}/${step.id}`)),
  );
const scriptsOf = (fleet: ResolvedFleet): number => namesOf(fleet).length;

test('scripts of stand-ins are left out and each is named; those of real software, and of a real program in a stand-in, stay', () => {
  const standIns = plans(charts);
  const { model: heard, notRun } = leaveOutScripts(model, standIns);
  expect(talking(heard, standIns)).toEqual([]);
  const stay = heard.clusters[0]!.components.find(({ id }) => id === 'vault')!;
  expect(stay).toBe(model.clusters[0]!.components.find(({ id }) => id === 'vault'));
  expect(stay.steps.length).toBeGreaterThan(0);
  expect(notRun).toEqual([expect.stringMatching(/^not run, argo-cd is a stand-in: cluster \(\w+ for \w+\), cluster \(\w+ for \w+\)$/)]);
  expect(leaveOutScripts(model, [])).toEqual({ model, notRun: [] });
});

test('without the program it has none either, and the sentences name as many as are gone', () => {
  const standIns = plans([]);
  const { model: heard, notRun } = leaveOutScripts(model, standIns);
  expect(talking(heard, standIns)).toEqual([]);
  // These talk to the API server alone, and know a stub of cert-manager by its mark.
  const stay = ['pki-bootstrap/phase-1', 'vault-issuer/phase-2'];
  expect(namesOf(heard)).toEqual(stay);
  expect(notRun.join(', ').match(/\(/g)).toHaveLength(scriptsOf(model) - stay.length);
});

test('sabotage: a fleet whose scripts all stay is found', () => expect(talking(model, plans([]))).toContain('vault/unseal'));

test.each(standInPrograms.map((program) => [program.chart, program] as const))(
  '%s runs in the workload that its gate waits for',
  (chart, program) => {
    const [pin] = pinnedCharts().filter(({ name }) => name === chart);
    const [component] = usersOf(pin!).map((id) => catalog.find((one) => one.id === id)!);
    expect(component!.ready).toContainEqual(expect.objectContaining({ kind: 'rollout', resource: program.workload }));
    const inhabited = (plan: StandInPlan) => Object.values(plan.workloads).flatMap((some) => some.filter((one) => one.program === chart));
    expect(inhabited(standInPlan(pin!, catalog, [chart]))).toHaveLength(1);
    expect(inhabited(standInPlan(pin!))).toEqual([]);
  },
);
