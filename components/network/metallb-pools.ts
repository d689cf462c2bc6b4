import { defineComponent } from '../define';
import { metallb } from './metallb';

const namespace = 'metallb-system';

export const metallbPools = defineComponent({
  id: 'metallb-pools',
  summary: "The cluster's share of the network's addresses, for services of type LoadBalancer",
  roles: [],
  namespace: { name: namespace, podSecurity: 'privileged' },
  insteadOf: {
    what: 'one L2Advertisement for the pools of all clusters (seed 003, 19.2)',
    because: 'a cluster announces what it has: the pools of the others do not exist in it',
  },
  provides: ['load-balancer'],
  requires: [metallb],
  needs: ['foreignSources'],
  resources: ({ cluster }) => {
    const name = `${cluster.name}-pool`;
    return [
      {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'IPAddressPool',
        metadata: { name, namespace },
        // A fleet in which it would be missing is refused: rule load-balancer-pool.
        spec: { addresses: [cluster.loadBalancerPool].filter((range) => range !== undefined) },
      },
      { apiVersion: 'metallb.io/v1beta1', kind: 'L2Advertisement', metadata: { name, namespace }, spec: { ipAddressPools: [name] } },
    ];
  },
  ready: [{ kind: 'rollout', namespace, resource: 'daemonset/metallb-speaker' }],
  checks: [
    {
      description: 'the pool of {cluster} is there',
      command: ['kubectl', '-n', namespace, 'get', 'ipaddresspool', '{cluster}-pool'],
      hint: 'kubectl -n metallb-system get configurationstates',
    },
  ],
});
