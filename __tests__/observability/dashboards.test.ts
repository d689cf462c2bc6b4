import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../../components';
import { type Json, root } from '../support/fleet-fixture';
import { component, contextOf, valuesOf } from '../support/observability-clusters';

const folder = join(root, 'components/files/dashboards');
const files = readdirSync(folder).sort();
const dashboards = files.map((file): Json => ({ file, ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }));

const everything = (value: Json): Json[] =>
  value !== null && typeof value === 'object' ? [value, ...Object.values(value).flatMap(everything)] : [];
const sourcesIn = (dashboard: Json): Json[] => everything(dashboard).flatMap(({ datasource }) => (datasource?.uid ? [datasource] : []));

/** What a metric's name begins with → who emits it, and the value that has it collected. */
const emitters: Readonly<Record<string, readonly [string, (values: Json) => unknown]>> = {
  ALERTS: ['kube-prometheus-stack', () => true],
  up: ['kube-prometheus-stack', () => true],
  node_: ['kube-prometheus-stack', (values) => values['prometheus-node-exporter']],
  kube_: ['kube-prometheus-stack', (values) => values['kube-state-metrics']],
  kubelet_: ['kube-prometheus-stack', () => true],
  container_: ['kube-prometheus-stack', () => true],
  prometheus_remote_storage_: ['kube-prometheus-stack', (values) => values.prometheus.prometheusSpec.remoteWrite.length > 0],
  otelcol_: ['otel-collector', (values) => values.serviceMonitor.enabled && values.ports.metrics.enabled],
  velero_: ['velero', (values) => values.metrics.serviceMonitor.enabled],
  externalsecret_: ['external-secrets', (values) => values.serviceMonitor.enabled],
  istio_: ['istio-config', () => true],
  traces_service_graph_: ['tempo', (values) => values.tempo.metricsGenerator.enabled],
};
const words = new Set(
  'histogram_quantile avg sum count min max rate increase topk time vector by on group_left ignoring unless and or bool offset max_over_time last_over_time'.split(
    ' ',
  ),
);

/** Names of metrics in a query: what is left when texts, labels and functions are gone. */
function metricsIn(expression: string): readonly string[] {
  const named = [...expression.matchAll(/__name__=~"([a-z_]+)/g)].map(([, name]) => name!);
  const bare = expression
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/"[^"]*"/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\b(by|on|ignoring|group_left|without) *\([^)]*\)/g, ' ');
  return [...named, ...[...bare.matchAll(/[a-zA-Z_][a-zA-Z0-9_]*/g)].map(([word]) => word!).filter((word) => !words.has(word))];
}

const emitterOf = (metric: string): string | undefined => Object.keys(emitters).find((prefix) => metric.startsWith(prefix));

describe.each(dashboards)('the dashboard $file', (dashboard) => {
  test('names only data sources that Grafana gets, by their kind', () => {
    const made: Json[] = valuesOf('grafana', contextOf('hub')).datasources['datasources.yaml'].datasources;
    const asked = sourcesIn(dashboard);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter(({ uid, type }) => !made.some((source) => source.uid === uid && source.type === type))).toEqual([]);
  });

  test('asks only for metrics that some component emits and Prometheus collects', () => {
    const queries: string[] = everything(dashboard)
      .filter(({ expr, datasource }) => expr !== undefined && datasource.type === 'prometheus')
      .map(({ expr }) => expr);
    const metrics = [...new Set(queries.flatMap(metricsIn))];
    expect(metrics.filter((metric) => emitterOf(metric) === undefined)).toEqual([]);
    expect(queries.every((query) => metricsIn(query).length > 0)).toBe(true);
  });

  test('has its own uid, panels that do not overlap, and is no larger than a ConfigMap may be', () => {
    expect(dashboards.filter(({ uid }) => uid === dashboard.uid)).toHaveLength(1);
    expect(new Set(dashboard.panels.map(({ id }: Json) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }: Json) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.every(({ gridPos: { x, w } }: Json) => x + w <= 24)).toBe(true);
    expect(JSON.stringify(dashboards).length).toBeLessThan(1_000_000);
  });
});

test('every file travels, into the folder that Grafana reads', () => {
  const mapFor = (has: boolean) => component('grafana-dashboards').resources!({ ...contextOf('hub'), has: () => has })[0] as Json;
  const map = mapFor(true);
  expect(Object.keys(map.data).sort()).toEqual(files);
  // Where nothing counts requests.
  expect(Object.keys(mapFor(false).data).sort()).toEqual(files.filter((file) => !['applications.json', 'mesh.json'].includes(file)));
  const { dashboardsConfigMaps, dashboardProviders } = valuesOf('grafana', contextOf('hub'));
  const [[provider, name]] = Object.entries(dashboardsConfigMaps) as [[string, string]];
  expect(name).toBe(map.metadata.name);
  expect(dashboardProviders['dashboardproviders.yaml'].providers[0].options.path.endsWith(`/${provider}`)).toBe(true);
});

test('the alerts too ask only for metrics that some component emits', () => {
  const rules = component('alert-rules').resources!(contextOf('hub')).flatMap(({ spec }: Json) =>
    spec.groups.flatMap((group: Json) => group.rules),
  );
  const unknown = rules.flatMap(({ alert, expr }: Json) =>
    metricsIn(expr)
      .filter((metric) => !emitterOf(metric))
      .map((metric) => [alert, metric]),
  );
  expect(unknown).toEqual([]);
});

test('whoever emits them is in the catalog and is collected', () => {
  for (const [id, isCollected] of Object.values(emitters)) {
    expect(catalog.map((one) => one.id)).toContain(id);
    expect([id, Boolean(isCollected(valuesOf(id, contextOf('hub'))))]).toEqual([id, true]);
  }
});

test('is red for a metric that nobody emits', () => {
  const invented = metricsIn('sum by (cluster) (rate(nobody_emits_this_total{cluster="a"}[5m]))');
  expect([invented, invented.map(emitterOf)]).toEqual([['nobody_emits_this_total'], [undefined]]);
});

test('without Thanos and Tempo Grafana asks Prometheus, and has no traces', () => {
  const sources: Json[] = valuesOf('grafana', contextOf('hub', ['thanos', 'tempo'])).datasources['datasources.yaml'].datasources;
  expect(sources.map(({ uid }) => uid)).toEqual(['metrics', 'loki', 'alertmanager']);
  expect(sources[0].url).toContain('kube-prometheus-stack-prometheus');
});
