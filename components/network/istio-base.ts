import { defineComponent } from '../define';

export const istioBase = defineComponent({
  id: 'istio-base',
  summary: 'The kinds of Istio',
  roles: [],
  // Privileged for istio-cni, which prepares the network of pods from their nodes.
  namespace: { name: 'istio-system', podSecurity: 'privileged' },
  chart: { repository: 'https://istio-release.storage.googleapis.com/charts', name: 'base', version: '1.30.4' },
  crds: [
    'authorizationpolicies.security.istio.io',
    'destinationrules.networking.istio.io',
    'envoyfilters.networking.istio.io',
    'gateways.networking.istio.io',
    'peerauthentications.security.istio.io',
    'proxyconfigs.networking.istio.io',
    'requestauthentications.security.istio.io',
    'serviceentries.networking.istio.io',
    'sidecars.networking.istio.io',
    'telemetries.telemetry.istio.io',
    'trafficextensions.extensions.istio.io',
    'virtualservices.networking.istio.io',
    'wasmplugins.extensions.istio.io',
    'workloadentries.networking.istio.io',
    'workloadgroups.networking.istio.io',
  ],
  timeoutSeconds: 120,
  ready: [{ kind: 'condition', resource: 'crd/virtualservices.networking.istio.io', condition: 'Established' }],
  checks: [
    {
      description: 'the API server knows the kinds of Istio',
      command: ['kubectl', 'get', 'crd', 'virtualservices.networking.istio.io', 'peerauthentications.security.istio.io'],
      hint: 'they are part of the release: helm -n istio-system status istio-base',
    },
  ],
});
