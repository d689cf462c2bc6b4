import type { Manifest } from '../define';
import { defineComponent } from '../define';
import { istioConfig } from '../network/istio-config';
import { istioGateway } from '../network/istio-gateway';
import { demoApps } from './demo-apps';

const namespace = 'demo';

export const demoRoutes = defineComponent({
  id: 'demo-routes',
  summary:
    'One request in five goes to the new httpbin; requests have a timeout and are retried, a pod that fails three times is ejected from load balancing, and the gateway leads to both applications',
  roles: [],
  namespace: { name: namespace, podSecurity: 'restricted' },
  insteadOf: {
    what: 'a layer 7 policy of Cilium on encrypted traffic (seeds 000 and 001)',
    because: 'with STRICT mTLS Cilium sees no method any more; the sidecar that decrypts it decides here',
  },
  requires: [demoApps, istioConfig, istioGateway],
  timeoutSeconds: 60,
  resources: () => [gateway, fromOutside, canary, breaker, onlyGet, door],
  checks: [
    {
      description: 'httpbin is split 80 to 20',
      command: ['kubectl', '-n', namespace, 'get', 'virtualservice/httpbin', '-o', 'jsonpath={.spec.http[0].route[*].weight}'],
      hint: 'to see it: kubectl -n demo exec deploy/nginx-web -c nginx -- sh -c "for i in 1 2 3 4 5 6 7 8 9 10; do wget -qO- http://httpbin/hostname; done"',
    },
  ],
});

const networking = 'networking.istio.io/v1';
const security = 'security.istio.io/v1';

const gateway: Manifest = {
  apiVersion: networking,
  kind: 'Gateway',
  metadata: { name: 'demo', namespace },
  spec: { selector: { istio: 'gateway' }, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] },
};

/**
 * The first try and three more fit into the timeout. A 500 is the application's own answer and is not retried, so the circuit breaker can still be seen;
 * only GET reaches httpbin, so a second try changes nothing.
 */
const limits = { timeout: '10s', retries: { attempts: 3, perTryTimeout: '2s', retryOn: 'connect-failure,refused-stream,gateway-error' } };

const versions = (['v1', 'v2'] as const).map((subset, index) => ({ destination: { host: 'httpbin', subset }, weight: [80, 20][index] }));

const fromOutside: Manifest = {
  apiVersion: networking,
  kind: 'VirtualService',
  metadata: { name: 'demo', namespace },
  spec: {
    hosts: ['*'],
    gateways: ['demo'],
    http: [
      { match: [{ uri: { prefix: '/api/' } }, { uri: { exact: '/api' } }], rewrite: { uri: '/' }, route: versions, ...limits },
      { route: [{ destination: { host: 'nginx-web' } }], ...limits },
    ],
  },
};

const canary: Manifest = {
  apiVersion: networking,
  kind: 'VirtualService',
  metadata: { name: 'httpbin', namespace },
  spec: { hosts: ['httpbin'], http: [{ route: versions, ...limits }] },
};

const breaker: Manifest = {
  apiVersion: networking,
  kind: 'DestinationRule',
  metadata: { name: 'httpbin', namespace },
  spec: {
    host: 'httpbin',
    trafficPolicy: {
      connectionPool: { tcp: { maxConnections: 100 }, http: { http1MaxPendingRequests: 100 } },
      outlierDetection: { consecutive5xxErrors: 3, interval: '30s', baseEjectionTime: '30s', maxEjectionPercent: 100 },
    },
    subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
  },
};

const onlyGet: Manifest = {
  apiVersion: security,
  kind: 'AuthorizationPolicy',
  metadata: { name: 'allow-nginx-to-httpbin', namespace },
  spec: {
    selector: { matchLabels: { app: 'httpbin' } },
    action: 'ALLOW',
    rules: [
      {
        from: [{ source: { principals: ['cluster.local/ns/demo/sa/nginx-web'] } }, { source: { namespaces: ['istio-ingress'] } }],
        to: [{ operation: { methods: ['GET'] } }],
      },
    ],
  },
};

/** nginx is reached from outside the mesh on its NodePort; all behind it is not. */
const door: Manifest = {
  apiVersion: security,
  kind: 'PeerAuthentication',
  metadata: { name: 'nginx-web', namespace },
  spec: { selector: { matchLabels: { app: 'nginx-web' } }, mtls: { mode: 'STRICT' }, portLevelMtls: { 8080: { mode: 'PERMISSIVE' } } },
};
