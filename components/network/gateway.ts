import type { ComponentContext, Manifest } from '../define';
import { defineComponent } from '../define';
import { cilium } from './cilium';

const namespace = 'gateway-system';
const name = 'main-gateway';
/** Laid there by gateway-certificate. */
const certificate = 'wildcard-tls';

export const gateway = defineComponent({
  id: 'gateway',
  summary: "The one gateway of the cluster: what comes in over HTTP goes to the routes of the components' namespaces",
  roles: ['hub', 'agent'],
  namespace: { name: namespace, podSecurity: 'restricted' },
  requires: [cilium, 'load-balancer'],
  needs: ['l7'],
  resources: (context) => [gatewayOf(context)],
  ready: [{ kind: 'condition', namespace, resource: `gateways.gateway.networking.k8s.io/${name}`, condition: 'Accepted' }],
  checks: [
    {
      description: 'the gateway is programmed',
      command: [
        'kubectl',
        '-n',
        namespace,
        'wait',
        `gateways.gateway.networking.k8s.io/${name}`,
        '--for=condition=Programmed',
        '--timeout=5s',
      ],
      hint: `kubectl -n ${namespace} describe gateways.gateway.networking.k8s.io ${name}`,
    },
  ],
});

/** What a chart's own HTTPRoute is to say, so that a service answers as `<host>.<cluster>.<domain>`. */
export function routeTo(host: string, { cluster, domain }: ComponentContext) {
  return { enabled: true, parentRefs: [{ name, namespace }], hostnames: [`${host}.${cluster.name}.${domain}`] };
}

function gatewayOf({ has, cluster, domain }: ComponentContext): Manifest {
  const allowedRoutes = { namespaces: { from: 'All' } };
  const hostname = `*.${cluster.name}.${domain}`;
  const plain = { name: 'http', port: 80, protocol: 'HTTP', hostname, allowedRoutes };
  const encrypted = {
    name: 'https',
    port: 443,
    protocol: 'HTTPS',
    hostname,
    tls: { mode: 'Terminate', certificateRefs: [{ name: certificate }] },
    allowedRoutes,
  };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace },
    // A cluster that issues no certificates has none to show.
    spec: { gatewayClassName: 'cilium', listeners: has('issuer') ? [plain, encrypted] : [plain] },
  };
}
