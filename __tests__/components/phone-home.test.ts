import type { Role } from '../../components/define';
import { type Json, load, resolveFresh } from '../support/fleet-fixture';
import { component, contextOf, valuesOf } from '../support/observability-clusters';

/**
 * Every program of the catalog that by default sends usage data, checks for updates or downloads plugins, and the value that switches it off. From the sources of
 * the programs and their charts (2026-12-01): an unset chart value means the program's default. What was
 * searched in the other programs is in `chart-lint/searched-programs.ts`.
 */
const switchedOff: readonly (readonly [id: string, path: string, wanted: unknown])[] = [
  ['falco', 'falcoctl.artifact.follow.enabled', false],
  ['falco', 'falcoctl.artifact.install.enabled', false],
  ['goldilocks', 'dashboard.flags.enable-cost', false],
  ['grafana', 'grafana__ini.analytics.check_for_plugin_updates', false],
  ['grafana', 'grafana__ini.analytics.check_for_updates', false],
  ['grafana', 'grafana__ini.analytics.reporting_enabled', false],
  ['grafana', 'grafana__ini.news.news_feed_enabled', false],
  ['grafana', 'grafana__ini.plugins.preinstall_disabled', true],
  ['jenkins', 'controller.installLatestPlugins', false],
  [
    'jenkins',
    'controller.javaOpts',
    '-Dhudson.model.UsageStatistics.disabled=true -Dhudson.model.UpdateCenter.never=true -Dhudson.model.DownloadService.never=true',
  ],
  ['loki', 'loki.analytics.reporting_enabled', false],
  ['robusta', 'runner.additional_env_vars', [{ name: 'ENABLE_TELEMETRY', value: 'false' }]],
  ['robusta', 'runner.sendAdditionalTelemetry', false],
  ['robusta', 'enablePlatformPlaybooks', false],
  ['robusta', 'globalConfig.account_id', ''],
  ['seaweedfs', 'allInOne.extraArgs', ['-master.telemetry=false']],
  ['tempo', 'tempo.reportingEnabled', false],
  ['trivy-operator', 'trivy.configFile.scan.disable-telemetry', true],
  ['trivy-operator', 'trivy.configFile.scan.skip-version-check', true],
];

/** Two underscores stand for a dot within a key. */
const at = (values: Json, path: string): unknown => path.split('.').reduce((value, key) => value?.[key.replace('__', '.')], values);

const violations = (id: string, path: string, wanted: unknown, values: Json): string[] =>
  JSON.stringify(at(values, path)) === JSON.stringify(wanted) ? [] : [`${id}: ${path} is ${JSON.stringify(at(values, path))}`];

test.each(switchedOff)('%s sends and downloads nothing by default: %s', (id, path, wanted) => {
  const role: Role = 'hub';
  expect(violations(id, path, wanted, valuesOf(id, contextOf(role)))).toEqual([]);
});

test('k6 sends no usage report', () => {
  expect(JSON.stringify(component('demo-load').resources!(contextOf('hub')))).toContain('"--no-usage-report"');
});

test('the same holds in every cluster of every fleet', () => {
  const fleets = ['trio', 'tart', 'kind', 'lab', 'ha', 'selftest'].map((name) => resolveFresh(load(name)));
  const installed = fleets.flatMap(({ clusters }) => clusters.flatMap(({ components }) => components));
  for (const [id, path, wanted] of switchedOff) {
    const values = installed.filter((one) => one.id === id).map((one) => one.values as Json);
    expect([id, values.length > 0]).toEqual([id, true]);
    expect(values.flatMap((one) => violations(id, path, wanted, one))).toEqual([]);
  }
});

test.each(switchedOff)('mutation: %s without a value of %s is found', (id, path, wanted) => {
  const values: Json = JSON.parse(JSON.stringify(valuesOf(id, contextOf('hub'))));
  const keys = path.split('.').map((key) => key.replace('__', '.'));
  const last = keys.pop()!;
  delete (keys.reduce((value, key) => value[key], values) as Json)[last];
  expect(violations(id, path, wanted, values)).toHaveLength(1);
});
