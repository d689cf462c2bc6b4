import { defineComponent } from '../define';

export const metallb = defineComponent({
  id: 'metallb',
  summary: 'Addresses for services of type LoadBalancer, announced on the network of the machines',
  // Only where the network carries addresses that are not the machines' own: a fleet asks for metallb-pools.
  roles: [],
  namespace: { name: 'metallb-system', podSecurity: 'privileged' },
  chart: { repository: 'https://metallb.github.io/metallb', name: 'metallb', version: '0.16.1' },
  requires: ['cni'],
  traffic: { fromApiServer: [9443] },
  needs: ['foreignSources'],
  crds: [
    'bfdprofiles.metallb.io',
    'bgpadvertisements.metallb.io',
    'bgppeers.metallb.io',
    'communities.metallb.io',
    'configurationstates.metallb.io',
    'ipaddresspools.metallb.io',
    'l2advertisements.metallb.io',
    'servicebgpstatuses.metallb.io',
    'servicel2statuses.metallb.io',
  ],
  requests: {
    hub: { cpuMillicores: 10, memoryMiB: 64, perNode: { cpuMillicores: 10, memoryMiB: 48 } },
    agent: { cpuMillicores: 10, memoryMiB: 64, perNode: { cpuMillicores: 10, memoryMiB: 48 } },
    standalone: { cpuMillicores: 10, memoryMiB: 64, perNode: { cpuMillicores: 10, memoryMiB: 48 } },
  },
  // Its webhook must answer before the first pool is written.
  ready: [
    { kind: 'rollout', namespace: 'metallb-system', resource: 'deployment/metallb-controller' },
    { kind: 'rollout', namespace: 'metallb-system', resource: 'daemonset/metallb-speaker' },
  ],
  checks: [
    {
      description: 'every node can announce addresses',
      command: ['kubectl', '-n', 'metallb-system', 'rollout', 'status', 'daemonset/metallb-speaker', '--timeout=5s'],
      hint: 'kubectl -n metallb-system logs daemonset/metallb-speaker',
    },
  ],
});
