import { type Check, defineComponent, type Manifest } from '../define';
import { kubePrometheusStack } from './kube-prometheus-stack';

const namespace = 'monitoring';

export const alertWebhook = defineComponent({
  id: 'alert-webhook',
  summary: 'Calls a webhook for alerts that are warning or critical; its URL is yours to bring, in secrets/brought/alert-webhook-url',
  roles: [],
  // No Alertmanager there: the hub rings for it.
  never: ['agent'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  requires: [kubePrometheusStack],
  traffic: { toAnywhere: [443] },
  secrets: [{ name: 'alert-webhook', keys: { url: '{alert-webhook-url.brought}' } }],
  resources: () => [
    alertRoute('alert-webhook', { webhookConfigs: [{ urlSecret: { name: 'alert-webhook', key: 'url' }, sendResolved: true }] }),
  ],
  checks: [routeIsThere('alert-webhook')],
});

export function routeIsThere(name: string): Check {
  return {
    description: `the route of ${name} is there`,
    command: ['kubectl', '-n', namespace, 'get', 'alertmanagerconfigs.monitoring.coreos.com', name],
    hint: 'whether it is taken: kubectl -n monitoring logs deployment/kube-prometheus-stack-operator; whether it is heard: kubectl -n monitoring logs statefulset/alertmanager-kube-prometheus-stack-alertmanager',
  };
}

/** A way beside those that there are: the operator puts it before the routes of the release, and lets alerts go on to them. */
export const alertRoute = (
  name: string,
  receiver: Readonly<Record<string, unknown>>,
  { namespace: of = namespace, groupWait = '30s' } = {},
): Manifest => ({
  apiVersion: 'monitoring.coreos.com/v1alpha1',
  kind: 'AlertmanagerConfig',
  metadata: { name, namespace: of },
  spec: {
    route: {
      receiver: name,
      groupBy: ['cluster', 'alertname', 'namespace'],
      groupWait,
      repeatInterval: '4h',
      matchers: [{ name: 'severity', matchType: '=~', value: 'warning|critical' }],
    },
    receivers: [{ name, ...receiver }],
  },
});
