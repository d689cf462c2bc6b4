import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Json, root } from '../support/fleet-fixture';
import { component, contextOf } from '../support/observability-clusters';
import { describeWith, run } from '../support/observability-programs';

const folder = join(root, 'components/files/rules');
const files = readdirSync(folder).sort();
const rulesOf = (file: string): Json[] => parse(readFileSync(join(folder, file), 'utf8')).groups.flatMap(({ rules }: Json) => rules);
const rules = files.flatMap(rulesOf);
const alerts = rules.map(({ alert }: Json) => alert as string);

interface SeedRule {
  readonly severity: string;
  /** `null`: as soon as it is so. */
  readonly for: string | null;
  /** What the number in the seed becomes in ours, which counts in percent. */
  readonly above: string;
  readonly ours: string;
  /** Where ours is not the same. */
  readonly because?: string;
}

/** Every rule of the seeds by where it stands: 000 has a table ("이상" is "or more"), 003 expressions; 001, 002 and 004 name no rule of their own. */
const seeds: Readonly<Record<string, SeedRule>> = {
  '000 HighCpuUsage': { severity: 'warning', for: '5m', above: '> 80', ours: 'HighCpuUsage' },
  '000 HighMemoryUsage': { severity: 'warning', for: '5m', above: '> 85', ours: 'HighMemoryUsage' },
  '000 NodeNotReady': { severity: 'critical', for: '5m', above: '== 0', ours: 'NodeNotReady' },
  '000 NodeDiskPressure': { severity: 'warning', for: '5m', above: '== 1', ours: 'NodeDiskPressure' },
  '000 PodCrashLooping': { severity: 'warning', for: null, above: '[15m]) >= 5', ours: 'PodCrashLooping' },
  '000 PodOOMKilled': { severity: 'warning', for: null, above: 'reason="OOMKilled"} == 1', ours: 'PodOOMKilled' },
  '000 HighPodRestartRate': { severity: 'warning', for: null, above: '[1h])) >= 10', ours: 'HighPodRestartRate' },
  '000 PodNotReady': { severity: 'warning', for: '10m', above: '> 0', ours: 'PodNotReady' },
  '003 §7 PVCNearlyFull': { severity: 'warning', for: '5m', above: '> 85', ours: 'PVCNearlyFull' },
  '003 §7 PVCCriticallyFull': { severity: 'critical', for: '1m', above: '> 95', ours: 'PVCCriticallyFull' },
  '003 §18.4 NodeMemoryPressure': {
    severity: 'warning',
    for: '5m',
    above: '> 85',
    ours: 'HighMemoryUsage',
    because: "it is the same as seed 000's rule; the name is kept for what kubelet calls so",
  },
  '003 §18.4 NodeDiskPressure': {
    severity: 'warning',
    for: '5m',
    above: '> 80',
    ours: 'NodeDiskNearlyFull',
    because: "seed 000 has the name for kubelet's own condition",
  },
  '003 §18.4 PodResourceQuotaExhausted': { severity: 'critical', for: '1m', above: '> 90', ours: 'PodResourceQuotaExhausted' },
};

/** What of a seed's rule is otherwise in ours. */
const differences = (seed: SeedRule, rule: Json): readonly string[] => [
  ...(rule.labels.severity === seed.severity ? [] : [`severity ${rule.labels.severity}`]),
  ...((rule.for ?? null) === seed.for ? [] : [`for ${rule.for}`]),
  ...(rule.expr.trim().endsWith(seed.above) ? [] : [`expression ${rule.expr}`]),
];
const ruleOf = ({ ours }: SeedRule): Json => rules.find(({ alert }) => alert === ours);

test.each(Object.entries(seeds))("the seeds' rule %s is there: as severe, as patient, with its number", (_, seed) =>
  expect(differences(seed, ruleOf(seed))).toEqual([]),
);

test('a rule that has another name than in its seed says why', () => {
  const renamed = Object.entries(seeds).filter(([where, { ours }]) => !where.endsWith(` ${ours}`));
  expect(renamed.filter(([, { because }]) => because === undefined)).toEqual([]);
  expect(renamed).toHaveLength(Object.values(seeds).filter(({ because }) => because !== undefined).length);
});

test.each([
  ['severity', (rule: Json) => (rule.labels.severity = 'info')],
  ['for', (rule: Json) => (rule.for = '6m')],
  ['expression', (rule: Json) => (rule.expr = rule.expr.replace('> 80', '> 81'))],
])('sabotage: another %s is seen', (what, spoil) => {
  const seed = seeds['000 HighCpuUsage']!;
  const rule = structuredClone(ruleOf(seed));
  spoil(rule);
  expect(differences(seed, rule)).toEqual([expect.stringContaining(what)]);
});

test('every alert has one name, a severity that a route knows, and says what to do', () => {
  expect(new Set(alerts).size).toBe(alerts.length);
  for (const { labels, annotations } of rules) {
    expect(['none', 'info', 'warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary.length > 0 && annotations.description.length > 0).toBe(true);
  }
});

test('all files travel, each as one object that holds what promtool has read', () => {
  const objects = component('alert-rules').resources!(contextOf('hub'));
  expect(objects.map(({ metadata }) => `${metadata.name}.yaml`).sort()).toEqual(files);
  for (const { metadata, spec } of objects) {
    expect(spec).toEqual(parse(readFileSync(join(folder, `${metadata.name}.yaml`), 'utf8')));
  }
});

describeWith('promtool', 'that the rules can be read and ring when they should')('promtool', () => {
  const copied = () => {
    const copy = mkdtempSync(join(tmpdir(), 'flotilla-rules-'));
    cpSync(folder, copy, { recursive: true });
    for (const name of ['rules-test.yaml', 'rules-slow-test.yaml']) cpSync(join(__dirname, name), join(copy, name));
    return copy;
  };
  let copy: string;
  beforeEach(() => {
    copy = copied();
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  test('reads every rule', () => {
    const { code, said } = run('promtool', ['check', 'rules', ...files], copy);
    expect([code, said.match(/\d+ rules found/g)?.reduce((sum, found) => sum + Number.parseInt(found, 10), 0)]).toEqual([0, alerts.length]);
  });

  test('sees every alert ring in a sick cluster and none in a healthy one', () => {
    const asked = ['rules-test.yaml', 'rules-slow-test.yaml'].map((name) => readFileSync(join(copy, name), 'utf8')).join('');
    expect(alerts.filter((alert) => !asked.includes(`alertname="${alert}"`))).toEqual([]);
    const { code, said } = run('promtool', ['test', 'rules', 'rules-test.yaml', 'rules-slow-test.yaml'], copy);
    expect([code, code === 0 ? '' : said]).toEqual([0, '']);
  });

  // Twins: a threshold that nothing reaches, one that everything does, and a rule that is gone.
  test.each([
    ['nodes.yaml', '> 80', '> 95'],
    ['nodes.yaml', '> 85', '> 5'],
    ['pods.yaml', '>= 5', '> 5'],
    ['pods.yaml', '>= 10', '>= 9'],
    ['contracts.yaml', 'RemoteWriteBehind', 'RemoteWriteAhead'],
  ])('is red when %s says %s wrongly', (file, right, wrong) => {
    const text = readFileSync(join(copy, file), 'utf8');
    expect(text).toContain(right);
    writeFileSync(join(copy, file), text.replace(right, wrong));
    expect(run('promtool', ['test', 'rules', 'rules-test.yaml'], copy).code).not.toBe(0);
  });
});
