import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { KubeadmCluster } from '../constructs/kubeadm-cluster';
import { Lease } from '../constructs/lease';
import { NspawnVm } from '../constructs/nspawn-vm';
import { TeardownMarker } from '../constructs/teardown-marker';
import { admission, corefile, hostNames, initDocuments, joinDocument } from '../model/kubeadm';
import type { ResolvedCluster, ResolvedFleet } from '../model/resolved-fleet';
import { settle } from './terraform-settings';

/** One cluster: its machines and what kubeadm makes of them. Ends with a kubeconfig. */
export class ClusterStack extends TerraformStack {
  constructor(scope: Construct, id: string, fleet: ResolvedFleet, cluster: ResolvedCluster) {
    super(scope, id);
    settle(this, ['null']);
    new NullProvider(this, 'null');
    const { uid, network, provider } = fleet;
    const { name, nodes, api, kubeconfig } = cluster;
    const lease = new Lease(this, 'lease', { uid, holds: nodes.map((node) => node.name), release: 'host/lease-release.sh' });

    const machines = nodes.map((node) => {
      const { name: nodeName, ...size } = node;
      return new NspawnVm(this, nodeName, {
        ...size,
        uid,
        cluster: name,
        node: nodeName,
        network: { prefixLength: network.prefixLength, gateway: network.gateway, bridge: network.bridge },
        apiName: api.name,
        kubeconfig,
        scripts: provider.scripts,
        dependsOn: [lease.of(nodeName)],
      });
    });
    const first = nodes.find((node) => node.role === 'control-plane')!;
    const kubeadm = new KubeadmCluster(this, 'kubeadm', {
      name,
      kubernetesVersion: fleet.kubernetesVersion,
      api,
      nodes: nodes.map((node, index) => ({ ...node, machine: machines[index]!, join: joinDocument(fleet, cluster, node) })),
      registry: network.registry.url,
      hostNames: hostNames(fleet),
      init: initDocuments(fleet, cluster, first),
      admission: admission(cluster),
      corefile: corefile(fleet, cluster),
      kubeconfig,
    });
    new TeardownMarker(this, 'teardown', { uid, dependsOn: [...machines, ...kubeadm.steps] });
  }
}
