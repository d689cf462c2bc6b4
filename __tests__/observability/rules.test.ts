import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Json, root } from '../model/lab';
import { component, contextOf } from './clusters';
import { describeWith, run } from './programs';

const folder = join(root, 'components/files/rules');
const files = readdirSync(folder).sort();
const rulesOf = (file: string): Json[] => parse(readFileSync(join(folder, file), 'utf8')).groups.flatMap(({ rules }: Json) => rules);
const rules = files.flatMap(rulesOf);
const alerts = rules.map(({ alert }: Json) => alert as string);

/** Name in a seed → ours, severity there, how long there. Those that differ say why in the file. */
const seeds: readonly (readonly [string, string, string, string | undefined])[] = [
  ['HighCpuUsage', 'HighCpuUsage', 'warning', '5m'],
  ['HighMemoryUsage', 'HighMemoryUsage', 'warning', '5m'],
  ['NodeNotReady', 'NodeNotReady', 'critical', '5m'],
  ['NodeDiskPressure', 'NodeDiskPressure', 'warning', '5m'],
  ['PodCrashLooping', 'PodCrashLooping', 'warning', undefined],
  ['PodOOMKilled', 'PodOOMKilled', 'warning', undefined],
  ['HighPodRestartRate', 'HighPodRestartRate', 'warning', undefined],
  ['PodNotReady', 'PodNotReady', 'warning', '10m'],
  ['NodeMemoryPressure, capacity', 'HighMemoryUsage', 'warning', '5m'],
  ['NodeDiskPressure, capacity', 'NodeDiskNearlyFull', 'warning', '5m'],
  ['PodResourceQuotaExhausted', 'PodResourceQuotaExhausted', 'critical', '1m'],
  ['PVCNearlyFull', 'PVCNearlyFull', 'warning', '5m'],
  ['PVCCriticallyFull', 'PVCCriticallyFull', 'critical', '1m'],
];

test.each(seeds)("the seeds' rule %s is there, as severe and as patient", (_, name, severity, wait) => {
  const rule = rules.find(({ alert }) => alert === name);
  expect([rule?.labels.severity, rule?.for]).toEqual([severity, wait]);
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
    ['contracts.yaml', 'RemoteWriteBehind', 'RemoteWriteAhead'],
  ])('is red when %s says %s wrongly', (file, right, wrong) => {
    const text = readFileSync(join(copy, file), 'utf8');
    expect(text).toContain(right);
    writeFileSync(join(copy, file), text.replace(right, wrong));
    expect(run('promtool', ['test', 'rules', 'rules-test.yaml'], copy).code).not.toBe(0);
  });
});
