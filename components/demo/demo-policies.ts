import type { ComponentContext, Manifest } from '../define';
import { defineComponent } from '../define';
import { cilium } from '../network/cilium';
import { istioGateway } from '../network/istio-gateway';
import { istiod } from '../network/istiod';
import { otelCollector } from '../observability/otel-collector';
import { demoApps } from './demo-apps';

const namespace = 'demo';
/** They play the outside, so what holds inside does not hold for them. */
const loadGenerators = ['k6-loadtest', 'stress-cpu'];

export const demoPolicies = defineComponent({
  id: 'demo-policies',
  summary: 'Who may call whom among the demo applications, five policies of Cilium, one of them down to the method of a request',
  roles: [],
  namespace: { name: namespace, podSecurity: 'restricted' },
  requires: [cilium, demoApps],
  traffic: { ownPolicies: true },
  needs: ['l7'],
  timeoutSeconds: 60,
  resources: (context) => [
    policy('default-deny-all', notLoad, { ingress: [{}], egress: [dns, ...meshEgress(context)] }),
    policy('allow-external-to-nginx', app('nginx-web'), { ingress: [{ fromEntities: ['world', 'cluster'], toPorts: [port(8080)] }] }),
    policy('allow-nginx-to-httpbin', app('httpbin'), { ingress: [toHttpbin(context)] }),
    policy('allow-nginx-to-redis', app('redis'), { ingress: [{ fromEndpoints: [app('nginx-web')], toPorts: [port(6379)] }] }),
    policy('allow-nginx-egress', app('nginx-web'), {
      egress: [{ toEndpoints: [app('httpbin')], toPorts: [port(8080)] }, { toEndpoints: [app('redis')], toPorts: [port(6379)] }, dns],
    }),
  ],
  checks: [
    {
      description: 'all five policies are in force',
      command: ['kubectl', '-n', namespace, 'wait', 'ciliumnetworkpolicy', '--all', '--for=condition=Valid', '--timeout=5s'],
      hint: 'what is dropped: kubectl -n kube-system exec daemonset/cilium -- hubble observe --namespace demo --verdict DROPPED',
    },
  ],
});

const app = (name: string) => ({ matchLabels: { app: name } });
const notLoad = { matchExpressions: [{ key: 'app', operator: 'NotIn', values: loadGenerators }] };
const podsOf = (name: string, labels = {}) => ({ matchLabels: { 'k8s:io.kubernetes.pod.namespace': name, ...labels } });
const port = (number: number, protocol = 'TCP') => ({ ports: [{ port: String(number), protocol }] });

const dns = {
  toEndpoints: [podsOf('kube-system', { 'k8s:k8s-app': 'kube-dns' })],
  toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
};

/** Where sidecars get their certificates and routes, and where they tell what they saw. */
function meshEgress({ has }: ComponentContext) {
  if (!has(istiod)) return [];
  const traces = { toEndpoints: [podsOf('monitoring')], toPorts: [port(4317)] };
  return [{ toEndpoints: [podsOf('istio-system')], toPorts: [port(15012)] }, ...(has(otelCollector) ? [traces] : [])];
}

/** Only GET. What sidecars say to each other is encrypted, so there demo-routes says it, and a rule here would refuse everything. */
function toHttpbin({ has }: ComponentContext) {
  const callers = [app('nginx-web'), ...(has(istioGateway) ? [podsOf('istio-ingress')] : [])];
  const get = { ...port(8080), rules: { http: [{ method: 'GET' }] } };
  return { fromEndpoints: callers, toPorts: [has(istiod) ? port(8080) : get] };
}

function policy(name: string, endpointSelector: object, rules: object): Manifest {
  return { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name, namespace }, spec: { endpointSelector, ...rules } };
}
