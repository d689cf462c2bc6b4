import type { Json } from '../support/fleet-fixture';
import { contextOf, valuesOf } from '../support/observability-clusters';

/** What breaks the contract that nothing is lost while the hub is away, or would keep the collector from starting. */
function faultsOf(config: Json): readonly string[] {
  const pipelines = Object.entries<Json>(config.service.pipelines).filter(([, pipeline]) => pipeline !== null);
  // The presets of the chart bring these.
  const preset = ['file_log', 'otlp', 'memory_limiter', 'k8s_attributes', 'file_storage', 'health_check'];
  const missing = (kind: 'exporters' | 'processors' | 'receivers') =>
    pipelines.flatMap(([signal, pipeline]) =>
      pipeline[kind]
        .filter((name: string) => !preset.includes(name) && !config[kind]?.[name])
        .map((name: string) => `${signal} names ${name}, which is not among the ${kind}`),
    );
  const exporters = pipelines.flatMap(([, pipeline]) => pipeline.exporters as string[]).filter((name) => config.exporters[name]);
  return [
    ...missing('exporters'),
    ...missing('processors'),
    ...pipelines
      .filter(([, { processors }]) => processors.includes('batch'))
      .map(([signal]) => `${signal} keeps batches in memory, before the queue`),
    ...exporters.flatMap((name) => {
      const { sending_queue: queue, retry_on_failure: retry } = config.exporters[name];
      return [
        ...(config.service.extensions.includes(queue?.storage) && config.extensions[queue.storage]
          ? []
          : [`${name} has its queue in memory`]),
        ...(queue?.sizer === 'bytes' ? [] : [`nobody knows how large the queue of ${name} gets`]),
        ...(retry?.max_elapsed_time === '0s' ? [] : [`${name} gives up after a while`]),
      ];
    }),
  ];
}

const configOf = (role: 'hub' | 'agent', without: readonly string[] = []): Json =>
  valuesOf('otel-collector', contextOf(role, without)).config;

test.each(['hub', 'agent'] as const)(
  'the collector of a cluster with the role %s keeps what it cannot send, on disk and for as long as it takes',
  (role) => {
    expect(faultsOf(configOf(role))).toEqual([]);
  },
);

test('an agent sends logs and traces to the hub under names that are the same everywhere', () => {
  const { exporters, service, processors } = configOf('agent');
  expect(exporters['otlp_http/loki'].endpoint).toBe('http://loki-fleet.monitoring.svc:3100/otlp');
  expect(exporters['otlp_grpc/tempo'].endpoint).toBe('tempo-fleet.monitoring.svc:4317');
  expect(
    Object.entries<Json>(service.pipelines)
      .flatMap(([signal, pipeline]) => (pipeline === null ? [] : [signal]))
      .sort(),
  ).toEqual(['logs', 'traces']);
  expect(processors['resource/cluster'].attributes).toEqual([{ key: 'k8s.cluster.name', value: 'app1', action: 'upsert' }]);
});

test('a full queue makes log files wait and never a program', () => {
  const { exporters } = configOf('agent');
  expect(['otlp_http/loki', 'otlp_grpc/tempo'].map((name) => exporters[name].sending_queue.block_on_overflow)).toEqual([true, false]);
});

test('a hub without Tempo takes no traces', () => {
  const { exporters, service } = configOf('hub', ['tempo']);
  expect([service.pipelines.traces, exporters['otlp_grpc/tempo']]).toEqual([null, undefined]);
});

// Seen in __tests__/tiers/collectors/agent-drill.test.ts: without it lines get lost.
test('no line counts as read before it is on disk', () =>
  expect(valuesOf('otel-collector', contextOf('agent')).command.extraArgs).toEqual(['--feature-gates=stanza.synchronousLogEmitter']));

// Twins.
test.each<readonly [string, RegExp, (config: Json) => void]>([
  ['a queue in memory', /queue in memory/, (config) => delete config.exporters['otlp_http/loki'].sending_queue.storage],
  ['a storage that is not switched on', /queue in memory/, (config) => config.service.extensions.splice(1)],
  ['an end of patience', /gives up/, (config) => (config.exporters['otlp_grpc/tempo'].retry_on_failure.max_elapsed_time = '300s')],
  ['batches before the queue', /keeps batches/, (config) => config.service.pipelines.logs.processors.push('batch')],
  ['an exporter that nobody made', /not among the exporters/, (config) => delete config.exporters['otlp_http/loki']],
])('%s is seen', (_, words, spoil) => {
  const config = structuredClone(configOf('agent'));
  spoil(config);
  expect(faultsOf(config).join('\n')).toMatch(words);
});
