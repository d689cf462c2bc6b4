import { parse } from 'yaml';
import { defineComponent } from '../define';
import { prometheusOperatorCrds } from './prometheus-operator-crds';

const namespace = 'monitoring';
/** Each a file below `components/files/rules/`, as promtool reads them. */
const groups = ['nodes', 'pods', 'capacity', 'contracts'] as const;

export const alertRules = defineComponent({
  id: 'alert-rules',
  summary: 'What rings, and when: the one set of rules for nodes, pods, capacity and contracts of every cluster',
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  insteadOf: {
    what: 'the rules that kube-prometheus-stack would bring, and the same ones in three seeds',
    because: 'an alert should be in one place, checked before it is installed',
  },
  requires: [prometheusOperatorCrds],
  timeoutSeconds: 120,
  resources: ({ file }) =>
    groups.map((name) => ({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name, namespace },
      spec: parse(file(`components/files/rules/${name}.yaml`)) as Record<string, unknown>,
    })),
  checks: [
    {
      description: 'the rules are there',
      command: ['kubectl', '-n', namespace, 'get', 'prometheusrules', ...groups],
      hint: 'helm -n monitoring status alert-rules',
    },
  ],
});
