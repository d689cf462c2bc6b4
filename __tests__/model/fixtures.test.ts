import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { applyChanges, type FleetChange } from '../../config/change';
import type { KubernetesSource } from '../../config/kubernetes-versions';
import { FleetError } from '../../config/problem';
import { machineProviders } from '../../machines';
import { rules } from '../../model/rules';
import { problemsOf, validateFleet } from '../../model/validate';
import { fromText, resolveFresh, root } from '../support/fleet-fixture';

const fixtures = (folder: string) =>
  readdirSync(join(root, '__tests__/fixtures', folder)).map((file) => {
    const text = readFileSync(join(root, '__tests__/fixtures', folder, file), 'utf8');
    const said = (word: string) => [...text.matchAll(new RegExp(`^# ${word}: (.*)$`, 'gm'))].map((match) => match[1]!);
    return { name: file.replace(/\.yaml$/, ''), text, fleet: fromText(text, file), said };
  });

const rejected = fixtures('reject');
const withoutRule = (id: string) => rules.filter((rule) => rule.id !== id);
/** These are found while the file is read, before any rule. */
const readingFaults = ['schema', 'unknown-key', 'yaml'];

describe.each(rejected)('the fleet $name', ({ text, fleet, said }) => {
  const [rule] = said('rule');
  const changes = said('change').map((json) => JSON.parse(json) as FleetChange);

  test('is refused with the value, the rule and the remedy', () => {
    expect(() => validateFleet({ fleet, providers: machineProviders })).toThrow(FleetError);
    const problems = problemsOf({ fleet, providers: machineProviders });
    expect([...new Set(problems.map(({ id }) => id))]).toEqual([rule]);
    const message = new FleetError(fleet.name, problems).message;
    for (const words of said('says')) expect(message).toContain(words);
    expect(said('says').length).toBeGreaterThanOrEqual(2);
  });

  test('is told exactly what to change, where that is sure, and is accepted with it', () => {
    const told = problemsOf({ fleet, providers: machineProviders }).flatMap(({ changes: ofOne }) => ofOne ?? []);
    expect(told).toEqual(changes);
    if (told.length === 0) return;
    const changed = fromText(JSON.stringify(applyChanges(parse(text), told)));
    expect(problemsOf({ fleet: changed, providers: machineProviders })).toEqual([]);
  });

  test('is accepted once its rule is taken away: nothing else refuses it', () => {
    const left = problemsOf({ fleet, providers: machineProviders, rules: withoutRule(rule!) });
    expect(left.filter(({ id }) => !(readingFaults.includes(id) && id === rule))).toEqual([]);
  });
});

test('every rule that our catalog can break has a fixture', () => {
  // Two pod networks, a ring and a shared namespace need a catalog of their own: resolve.test.ts, component-rules.test.ts.
  const covered = [...rejected.map(({ said }) => said('rule')[0]), 'one-cni', 'install-cycle', 'namespace-agreement'];
  expect(rules.map(({ id }) => id).filter((id) => !covered.includes(id))).toEqual([]);
});

test.each(fixtures('accept'))('the fleet $name is accepted', ({ fleet, said }) => {
  const source = (said('source')[0] ?? 'offline') as KubernetesSource;
  const resolved = resolveFresh(fleet, { source });
  expect(resolved.warnings.map((warning) => said('warns').some((words) => warning.includes(words)))).toEqual(said('warns').map(() => true));
});

test('every fault is said at once, those of the shape and those of the rules, each with its line', () => {
  const fleet = fromText(
    [
      'provider: nspwan',
      'clusters:',
      '  - { name: one, id: 1, role: hubb, nodes: [{ name: a-1, role: control-plane, memoryMiB: 2048 }] }',
      '  - name: Two',
      '    id: 2',
      '    role: standalone',
      '    components: { add: [bridge-cnii, bridge-cni] }',
      '    nodes:',
      '      - { name: b-1, role: control-plane, memoryMiB: 2048, memory: 1 }',
      '',
    ].join('\n'),
  );
  const problems = problemsOf({ fleet, providers: machineProviders });
  expect(problems.map(({ id, line }) => [id, line])).toEqual([
    ['schema', undefined],
    ['schema', 3],
    ['unknown-key', 9],
    ['dns-labels', 4],
    ['known-provider', 1],
    ['unknown-component', 7],
  ]);
  expect(new FleetError('test', problems).message).toContain('clusters[1].name Two: is no DNS label');
});

test('a rule about something that was left out as faulty is silent', () => {
  const text =
    'budget: { memoryMiB: 4096 }\nclusters:\n  - name: one\n    id: 1\n    role: standalone\n    components: { add: [bridge-cni] }\n    nodes:\n';
  const nodes = '      - { name: a-1, role: control-plan, memoryMiB: 2048 }\n      - { name: a-2, role: worker, memoryMiB: 1024 }\n';
  expect(problemsOf({ fleet: fromText(text + nodes) }).map(({ id }) => id)).toEqual(['schema']);
});

test('text that is no YAML at all is one problem with its line', () => {
  expect(problemsOf({ fleet: fromText('clusters: [\n  - {') }).every(({ id, line }) => id === 'yaml' && line !== undefined)).toBe(true);
  expect(problemsOf({ fleet: fromText('') }).map(({ id }) => id)).toEqual(['schema']);
  expect(problemsOf({ fleet: fromText('just words') }).map(({ id }) => id)).toEqual(['schema']);
});
