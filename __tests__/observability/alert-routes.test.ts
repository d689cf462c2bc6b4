import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Json } from '../support/fleet-fixture';
import { component, contextOf, valuesOf } from '../support/observability-clusters';
import { describeWith, run } from '../support/observability-programs';

const configOf = (without: readonly string[] = []): Json =>
  valuesOf('kube-prometheus-stack', contextOf('hub', without)).alertmanager.config;

describeWith('amtool', 'that Alertmanager reads its routes, and who hears what')('amtool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-routes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const heard = (config: Json, labels: readonly string[]) => {
    const file = join(folder, 'alertmanager.yaml');
    writeFileSync(file, stringify(config));
    const { code, stdout, said } = run('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...labels]);
    return code === 0 ? stdout.trim() : `failed: ${said}`;
  };

  test.each([
    ['with a receiver', []],
    ['without one', ['webhook-logger']],
  ])('reads the configuration %s', (_, without) => {
    const file = join(folder, 'alertmanager.yaml');
    writeFileSync(file, stringify(configOf(without)));
    const { code, said } = run('amtool', ['check-config', file]);
    expect([code, code === 0 ? '' : said]).toEqual([0, '']);
  });

  test.each([
    ['log', ['alertname=NodeNotReady', 'severity=critical', 'cluster=app1']],
    ['log', ['alertname=HighCpuUsage', 'severity=warning']],
    ['log', ['alertname=PVCUsageUnknown', 'severity=info']],
    ['null', ['alertname=Watchdog', 'severity=none']],
  ])('%s hears %j', (receiver, labels) => expect(heard(configOf(), labels)).toBe(receiver));

  test('is red when the first route takes everything', () => {
    const config = structuredClone(configOf());
    config.route.routes[0].matchers = ['severity =~ ".*"'];
    expect(heard(config, ['alertname=NodeNotReady', 'severity=critical'])).toBe('null');
  });
});

test('the receiver is the service that the logger makes', () => {
  const service = component('webhook-logger').resources!(contextOf('hub')).find(({ kind }) => kind === 'Service') as Json;
  const url = new URL(configOf().receivers.find(({ name }: Json) => name === 'log').webhook_configs[0].url);
  expect([url.hostname, Number(url.port)]).toEqual([
    `${service.metadata.name}.${service.metadata.namespace}.svc`,
    service.spec.ports[0].port,
  ]);
  expect(configOf(['webhook-logger']).receivers.map(({ name }: Json) => name)).toEqual(['null']);
});

test('what mutes another alert is an alert that there is', () => {
  const rules = JSON.stringify(component('alert-rules').resources!(contextOf('hub')));
  const named = JSON.stringify(configOf().inhibit_rules).matchAll(/alertname (?:=|!=|=~) \\"([^"\\]+)\\"/g);
  const names = [...named].flatMap(([, list]) => list!.split('|'));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !rules.includes(`"alert":"${name}"`))).toEqual([]);
});

test('rules are judged once: by the ruler where Thanos is, else by Prometheus', () => {
  const withThanos = valuesOf('kube-prometheus-stack', contextOf('hub'));
  const alone = valuesOf('kube-prometheus-stack', contextOf('hub', ['thanos']));
  expect([withThanos.thanosRuler.enabled, alone.thanosRuler.enabled]).toEqual([true, false]);
  const judged = component('alert-rules').resources!(contextOf('hub')).map(({ metadata }) => metadata.labels);
  expect(judged.every((labels) => labels === undefined)).toBe(true);
  expect(withThanos.prometheus.prometheusSpec.ruleSelector.matchLabels).toBeDefined();
  expect(alone.prometheus.prometheusSpec.ruleSelector).toEqual({});
});
