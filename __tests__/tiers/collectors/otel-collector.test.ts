import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Json } from '../../support/fleet-fixture';
import { below, collectors, extraArgs, rememberedConfig, renderedConfig } from './collector-config';
import { describeWithProgram, refusal } from './programs';
import { chartIsHere } from './rendered';

const agent = collectors.find(({ cluster }) => cluster.role === 'agent')!;
const work = mkdtempSync(join(tmpdir(), 'flotilla-collector-'));
afterAll(() => rmSync(work, { recursive: true }));

/** What the collector says against the configuration, `null` when it would start. */
function judged(config: Json, args = extraArgs(agent)): string | null {
  mkdirSync(join(work, 'otelcol', 'queue'), { recursive: true });
  const file = join(work, 'config.yaml');
  writeFileSync(file, stringify(below(work, config)));
  return refusal('otel-collector', ['validate', `--config=${file}`, ...args], { MY_POD_IP: '127.0.0.1', K8S_NODE_NAME: 'node' });
}

test('the fleets have collectors of every kind: on a hub, on an agent, alone', () =>
  expect(new Set(collectors.map(({ cluster }) => cluster.role))).toEqual(new Set(['hub', 'agent', 'standalone'])));

describeWithProgram('otel-collector')('the collector itself', () => {
  test.each(collectors.map((release) => [release.where, release] as const))('takes the configuration of %s', async (_, release) => {
    const rendered = await renderedConfig(release);
    expect(judged(rendered?.config ?? rememberedConfig(release))).toBeNull();
  });

  // Twins.
  test.each<readonly [string, RegExp, (config: Json) => void]>([
    [
      'a key that nobody knows',
      /has invalid keys: queue_sise/,
      (config) => (config.exporters['otlp_http/loki'].sending_queue.queue_sise = 1),
    ],
    ['an exporter that nobody made', /otlp_http\/loki/, (config) => delete config.exporters['otlp_http/loki']],
    ['a wrong type', /sending_queue/, (config) => (config.exporters['otlp_http/loki'].sending_queue.queue_size = 'much')],
    ['a storage that nobody made', /file_storage\/queue/, (config) => delete config.extensions['file_storage/queue']],
    ['a unit that there is not', /sizer/, (config) => (config.exporters['otlp_http/loki'].sending_queue.sizer = 'pounds')],
    ['a processor that is not there', /k8s_attribute/, (config) => config.service.pipelines.logs.processors.push('k8s_attribute')],
  ])('refuses %s', (_, words, spoil) => {
    const config = structuredClone(rememberedConfig(agent));
    spoil(config);
    expect(judged(config)).toMatch(words);
  });

  test('refuses a switch that there is not', () =>
    expect(judged(rememberedConfig(agent), ['--feature-gates=stanza.noSuch'])).toMatch(/noSuch/));
});

const here = chartIsHere('otel-collector', 'what its presets add is taken from presets.yaml, which may be out of date');
(here ? describe : describe.skip)('what the chart makes of it', () => {
  test('is what presets.yaml remembers, with our switches; its pod has every variable that it names', async () => {
    for (const release of collectors) {
      const rendered = (await renderedConfig(release))!;
      const { telemetry, ...service } = rendered.config.service;
      expect({ ...rendered.config, service }).toEqual(rememberedConfig(release));
      const named = [...JSON.stringify(rendered.config).matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => name!);
      expect(named.filter((name) => !rendered.variables.includes(name))).toEqual([]);
      expect(rendered.args).toEqual(['--config=/conf/relay.yaml', ...extraArgs(release)]);
      expect(telemetry.metrics.readers).toHaveLength(1);
    }
  });
});
