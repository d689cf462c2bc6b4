import { defineComponent } from '../define';

export const gatewayApiCrds = defineComponent({
  id: 'gateway-api-crds',
  summary: 'The kinds of the Gateway API, in the version that Cilium reads',
  roles: ['hub', 'agent'],
  namespace: { name: 'kube-system' },
  insteadOf: {
    what: 'the release file of the Gateway API, applied by hand (seed 003, 6)',
    because:
      'it has no chart of its own; this one is nothing but that file, named by the same version, and small enough for a release, which the chart of Envoy Gateway is not',
  },
  // 1.4.x is what Cilium 1.19 knows: newer kinds make its operator crash. With TLSRoute, which is in the experimental set at this version.
  chart: { repository: 'https://wiremind.github.io/wiremind-helm-charts', name: 'gateway-api-crds', version: '1.4.1' },
  crds: [
    'backendtlspolicies.gateway.networking.k8s.io',
    'gatewayclasses.gateway.networking.k8s.io',
    'gateways.gateway.networking.k8s.io',
    'grpcroutes.gateway.networking.k8s.io',
    'httproutes.gateway.networking.k8s.io',
    'referencegrants.gateway.networking.k8s.io',
    'tcproutes.gateway.networking.k8s.io',
    'tlsroutes.gateway.networking.k8s.io',
    'udproutes.gateway.networking.k8s.io',
    'xbackendtrafficpolicies.gateway.networking.x-k8s.io',
    'xlistenersets.gateway.networking.x-k8s.io',
    'xmeshes.gateway.networking.x-k8s.io',
  ],
  timeoutSeconds: 120,
  ready: [
    { kind: 'condition', resource: 'crd/gatewayclasses.gateway.networking.k8s.io', condition: 'Established' },
    { kind: 'condition', resource: 'crd/httproutes.gateway.networking.k8s.io', condition: 'Established' },
  ],
  checks: [
    {
      description: 'the API server knows gateways and routes',
      command: ['kubectl', 'get', 'crd', 'gateways.gateway.networking.k8s.io', 'httproutes.gateway.networking.k8s.io'],
      hint: 'they are part of the release: helm -n kube-system status gateway-api-crds',
    },
  ],
});
