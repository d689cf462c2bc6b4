import { type ComponentContext, defineComponent } from '../define';
import { alertRoute } from '../observability/alert-webhook';
import { kubePrometheusStack } from '../observability/kube-prometheus-stack';
import { thanos } from '../observability/thanos';
import { webhookLogger } from '../observability/webhook-logger';

const namespace = 'robusta';

export const robusta = defineComponent({
  id: 'robusta',
  summary: 'Adds to every alert what one would look up first: logs, events, owner; hears alerts by a route of its own',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'baseline' },
  chart: { repository: 'https://robusta-charts.storage.googleapis.com', name: 'robusta', version: '0.47.0' },
  requires: [kubePrometheusStack],
  after: [thanos, webhookLogger],
  // Alertmanager calls it; the sinks that a fleet adds are on the internet.
  traffic: { fromAnywhere: [5000], toAnywhere: [443] },
  requests: { hub: { cpuMillicores: 60, memoryMiB: 448 } },
  timeoutSeconds: 600,
  values: settings,
  resources: () => [alerts],
  checks: [
    {
      description: 'alerts are enriched',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/robusta-runner', '--timeout=5s'],
      hint: 'kubectl -n robusta logs deployment/robusta-runner',
    },
  ],
});

function settings({ cluster, has }: ComponentContext) {
  const prometheus = has(thanos) ? 'thanos-query' : 'kube-prometheus-stack-prometheus';
  // A runner without a sink does not start. Slack and others: sinksConfig under `components.values` of the cluster, whose tokens are {{ env.<NAME> }}.
  const url = `http://${has(webhookLogger) ? 'webhook-logger.monitoring.svc:8080/cgi-bin/log' : 'localhost:1/'}`;
  return {
    clusterName: cluster.name,
    globalConfig: {
      prometheus_url: `http://${prometheus}.monitoring.svc:9090`,
      alertmanager_url: 'http://alertmanager-operated.monitoring.svc:9093',
    },
    sinksConfig: [{ webhook_sink: { name: 'log', url } }],
  };
}

const alerts = alertRoute(
  'robusta',
  { webhookConfigs: [{ url: 'http://robusta-runner.robusta.svc/api/alerts', sendResolved: true }] },
  { namespace, groupWait: '10s' },
);
