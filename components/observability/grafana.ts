import { type ComponentContext, defineComponent } from '../define';
import { gateway, routeTo } from '../network/gateway';
import { grafanaDashboards } from './grafana-dashboards';
import { kubePrometheusStack } from './kube-prometheus-stack';
import { loki } from './loki';
import { tempo } from './tempo';
import { thanos } from './thanos';

const namespace = 'monitoring';
const nodePort = 30300;
const requests = { cpuMillicores: 25, memoryMiB: 128 };

export const grafana = defineComponent({
  id: 'grafana',
  summary: `Metrics, logs and traces of every cluster in one place, on NodePort ${nodePort}; data sources and dashboards as code`,
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  insteadOf: {
    what: 'the password admin (seed 000)',
    because: 'one is made up for each deployment: secrets/random/grafana-admin in its folder',
  },
  chart: { repository: 'oci://ghcr.io/grafana-community/helm-charts', name: 'grafana', version: '12.11.1' },
  requires: [grafanaDashboards, kubePrometheusStack, loki],
  after: [tempo, thanos, gateway],
  traffic: { fromAnywhere: [3000] },
  requests: { hub: requests, standalone: requests },
  secrets: [{ name: 'grafana-admin', keys: { 'admin-user': 'admin', 'admin-password': '{grafana-admin}' } }],
  values: (context) => ({
    datasources: { 'datasources.yaml': { apiVersion: 1, datasources: dataSources(context) } },
    ...(context.has(gateway) ? { route: { main: routeTo('grafana', context) } } : {}),
  }),
  ready: [{ kind: 'rollout', namespace, resource: 'deployment/grafana' }],
  checks: [
    {
      description: 'Grafana answers',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/grafana', '--timeout=5s'],
      hint: 'kubectl -n monitoring logs deployment/grafana; the password of admin is in the Secret grafana-admin',
    },
  ],
});

/** Dashboards name them by uid. Metrics are Thanos' where it is, so of every cluster; else this cluster's Prometheus. */
function dataSources({ has }: ComponentContext) {
  const metrics = has(thanos)
    ? { name: 'Thanos', url: 'http://thanos-query.monitoring.svc:9090', jsonData: { timeInterval: '30s', prometheusType: 'Thanos' } }
    : {
        name: 'Prometheus',
        url: 'http://kube-prometheus-stack-prometheus.monitoring.svc:9090',
        jsonData: { timeInterval: '30s', prometheusType: 'Prometheus' },
      };
  const tracing = has(tempo);
  return [
    { uid: 'metrics', type: 'prometheus', access: 'proxy', isDefault: true, ...metrics },
    {
      uid: 'loki',
      name: 'Loki',
      type: 'loki',
      access: 'proxy',
      url: 'http://loki-fleet.monitoring.svc:3100',
      // Two dollars: Grafana takes one for a variable of its environment.
      ...(tracing
        ? {
            jsonData: {
              derivedFields: [
                { name: 'TraceID', matcherType: 'label', matcherRegex: 'trace_id', datasourceUid: 'tempo', url: '$${__value.raw}' },
              ],
            },
          }
        : {}),
    },
    ...(tracing
      ? [
          {
            uid: 'tempo',
            name: 'Tempo',
            type: 'tempo',
            access: 'proxy',
            url: 'http://tempo.monitoring.svc:3200',
            jsonData: {
              tracesToLogsV2: {
                datasourceUid: 'loki',
                tags: [{ key: 'k8s.namespace.name', value: 'k8s_namespace_name' }],
                filterByTraceID: true,
              },
              serviceMap: { datasourceUid: 'metrics' },
              nodeGraph: { enabled: true },
            },
          },
        ]
      : []),
    {
      uid: 'alertmanager',
      name: 'Alertmanager',
      type: 'alertmanager',
      access: 'proxy',
      url: 'http://alertmanager-operated.monitoring.svc:9093',
      jsonData: { implementation: 'prometheus' },
    },
  ];
}
