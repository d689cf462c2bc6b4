import { defineComponent } from '../define';
import { alertRoute, routeIsThere } from './alert-webhook';
import { kubePrometheusStack } from './kube-prometheus-stack';

const namespace = 'monitoring';

export const alertSlack = defineComponent({
  id: 'alert-slack',
  summary:
    'Rings Slack for alerts that are warning or critical; the URL of its webhook is yours to bring, in secrets/brought/alert-slack-url',
  roles: [],
  // No Alertmanager there: the hub rings for it.
  never: ['agent'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  requires: [kubePrometheusStack],
  traffic: { toAnywhere: [443] },
  secrets: [{ name: 'alert-slack', keys: { url: '{alert-slack-url.brought}' } }],
  resources: () => [alertRoute('alert-slack', { slackConfigs: [message] })],
  checks: [routeIsThere('alert-slack')],
});

/** The webhook knows its channel. */
const message = {
  apiURL: { name: 'alert-slack', key: 'url' },
  sendResolved: true,
  title: '[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }} {{ .CommonLabels.cluster }}',
  text: '{{ range .Alerts }}{{ .Annotations.summary }}: {{ .Annotations.description }}\n{{ end }}',
};
