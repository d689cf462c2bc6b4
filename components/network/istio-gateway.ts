import { defineComponent } from '../define';
import { istioCni } from './istio-cni';
import { istiod } from './istiod';
import { metallbPools } from './metallb-pools';

export const istioGateway = defineComponent({
  id: 'istio-gateway',
  summary: "Istio's way in: what comes from outside goes where the routes say",
  roles: [],
  namespace: { name: 'istio-ingress', podSecurity: 'baseline' },
  chart: { repository: 'https://istio-release.storage.googleapis.com/charts', name: 'gateway', version: '1.30.4' },
  requires: [istiod, 'load-balancer'],
  after: [istioCni],
  // It leads to whatever routes say.
  traffic: { fromAnywhere: [80, 443, 15021], toAnywhere: 'all' },
  requests: {
    hub: { cpuMillicores: 20, memoryMiB: 64 },
    agent: { cpuMillicores: 20, memoryMiB: 64 },
    standalone: { cpuMillicores: 20, memoryMiB: 64 },
  },
  // Helm waits for the address of a LoadBalancer, without end where nothing gives one.
  values: ({ has }) => ({ service: { type: has(metallbPools) ? 'LoadBalancer' : 'NodePort' } }),
  ready: [{ kind: 'rollout', namespace: 'istio-ingress', resource: 'deployment/istio-gateway' }],
  checks: [
    {
      description: 'the gateway of Istio runs',
      command: ['kubectl', '-n', 'istio-ingress', 'rollout', 'status', 'deployment/istio-gateway', '--timeout=5s'],
      hint: 'its image is put in by istiod: kubectl -n istio-ingress describe pod',
    },
  ],
});
