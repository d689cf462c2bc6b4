import { defineComponent } from '../define';

export const prometheusOperatorCrds = defineComponent({
  id: 'prometheus-operator-crds',
  summary: 'The kinds of the Prometheus operator, in a release of their own so that they are upgraded and others can use them first',
  roles: ['hub', 'agent'],
  // A release must be somewhere; it has no pods.
  namespace: { name: 'kube-system' },
  chart: { repository: 'https://prometheus-community.github.io/helm-charts', name: 'prometheus-operator-crds', version: '31.0.1' },
  crds: [
    'alertmanagerconfigs.monitoring.coreos.com',
    'alertmanagers.monitoring.coreos.com',
    'podmonitors.monitoring.coreos.com',
    'probes.monitoring.coreos.com',
    'prometheusagents.monitoring.coreos.com',
    'prometheuses.monitoring.coreos.com',
    'prometheusrules.monitoring.coreos.com',
    'scrapeconfigs.monitoring.coreos.com',
    'servicemonitors.monitoring.coreos.com',
    'thanosrulers.monitoring.coreos.com',
  ],
  timeoutSeconds: 120,
  ready: [
    { kind: 'condition', resource: 'crd/servicemonitors.monitoring.coreos.com', condition: 'Established' },
    { kind: 'condition', resource: 'crd/prometheusrules.monitoring.coreos.com', condition: 'Established' },
  ],
  checks: [
    {
      description: 'the API server knows monitors and rules',
      command: ['kubectl', 'get', 'crd', 'servicemonitors.monitoring.coreos.com', 'prometheusrules.monitoring.coreos.com'],
      hint: 'they are part of the release: helm -n kube-system status prometheus-operator-crds',
    },
  ],
});
