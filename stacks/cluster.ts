import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Lease } from '../constructs/destroy-hook';
import { KindCluster } from '../constructs/kind-cluster';
import { KubeadmCluster } from '../constructs/kubeadm-cluster';
import { TeardownMarker } from '../constructs/teardown-marker';
import { nodeSources } from '../model/image-mirrors';
import { corefile, hostNames } from '../model/names';
import type { ResolvedCluster, ResolvedFleet } from '../model/resolved-fleet';
import { destroyHookName, teardownMarkerName } from '../model/terraform-names';
import { machineMaker } from './machines';
import { settle } from './terraform-settings';

/** One cluster, from nothing to a kubeconfig: its machines and what kubeadm makes of them, or all of it by a provider that brings clusters. */
export class ClusterStack extends TerraformStack {
  constructor(scope: Construct, id: string, fleet: ResolvedFleet, cluster: ResolvedCluster) {
    super(scope, id);
    settle(this, ['null']);
    new NullProvider(this, 'null');
    if (fleet.provider.brings === 'clusters') this.bringCluster(fleet, cluster);
    else this.makeMachines(fleet, cluster);
  }

  private bringCluster({ uid, provider, network }: ResolvedFleet, cluster: ResolvedCluster): void {
    const { name, nodes, podCidr, serviceCidr, hostPorts, skipPhases, kubeconfig, components } = cluster;
    const lease = new Lease(this, destroyHookName, { uid, holds: [name], release: `${provider.scripts}/cluster-delete.sh` });
    const brought = new KindCluster(this, name, {
      uid,
      cluster: name,
      nodes,
      podCidr,
      serviceCidr,
      hostPorts,
      skipPhases,
      kubeconfig,
      bringsOwnCni: components.some(({ provides }) => provides.includes('cni')),
      registryPort: network.registry.port,
      scripts: provider.scripts,
      ...(provider.image === null ? {} : { image: provider.image }),
      dependsOn: [lease.of(name)],
    });
    new TeardownMarker(this, teardownMarkerName, { uid, dependsOn: [brought] });
  }

  private makeMachines(fleet: ResolvedFleet, cluster: ResolvedCluster): void {
    const { uid, provider } = fleet;
    const { name, nodes, api, kubeconfig, podCidr, serviceCidr, skipPhases } = cluster;
    const lease = new Lease(this, destroyHookName, { uid, holds: nodes.map((node) => node.name), release: 'host/node-destroy.sh' });
    const make = machineMaker(provider);
    const machines = nodes.map(({ name: node, machine: _, ...size }) => {
      const identity = { uid, cluster: name, node, apiName: api.name, kubeconfig, scripts: provider.scripts };
      return make(this, { ...size, ...identity, dependsOn: [lease.of(node)] }, fleet);
    });
    const kubeadm = new KubeadmCluster(this, 'kubeadm', {
      name,
      kubernetesVersion: fleet.kubernetesVersion,
      podCidr,
      serviceCidr,
      domain: fleet.domain,
      featureGates: fleet.featureGates,
      api,
      skipPhases,
      nodes: nodes.map((node, index) => ({ ...node, machine: machines[index]! })),
      ...nodeSources(fleet),
      hostNames: hostNames(fleet, cluster),
      // A leased address is unknown before its machine exists.
      namesWaitFor: provider.addresses === 'leased' ? machines : [],
      corefile: corefile(fleet, cluster),
      kubeconfig,
    });
    new TeardownMarker(this, teardownMarkerName, { uid, dependsOn: [...machines, ...kubeadm.ready] });
  }
}
