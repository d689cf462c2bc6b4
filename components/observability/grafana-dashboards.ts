import { defineComponent } from '../define';
import { istiod } from '../network/istiod';

const namespace = 'monitoring';
/** Each a file below `components/files/dashboards/`, as Grafana exports them. */
const dashboards = ['fleet', 'workloads', 'contracts', 'logs-and-traces'] as const;
/** They show what the proxies of Istio count. */
const ofMesh = ['mesh', 'applications'] as const;

export const grafanaDashboards = defineComponent({
  id: 'grafana-dashboards',
  summary: `Dashboards as code: ${dashboards.join(', ')}; ${ofMesh.join(' and ')} where there is Istio`,
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'privileged' },
  timeoutSeconds: 120,
  // Of a release of their own: an edit of one restarts nothing, Grafana reads it again within a minute or two.
  resources: ({ file, has }) => [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'grafana-dashboards', namespace },
      data: Object.fromEntries(
        [...dashboards, ...(has(istiod) ? ofMesh : [])].map((name) => [`${name}.json`, file(`components/files/dashboards/${name}.json`)]),
      ),
    },
  ],
  checks: [
    {
      description: 'the dashboards are there',
      command: ['kubectl', '-n', namespace, 'get', 'configmap', 'grafana-dashboards'],
      hint: 'helm -n monitoring status grafana-dashboards',
    },
  ],
});
