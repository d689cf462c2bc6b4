import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { HostScript } from '../constructs/host-script';
import { corefile, hostNames } from '../model/kubeadm';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { linkName } from '../model/terraform-names';
import { settle } from './terraform-settings';

/** What needs all clusters: where addresses are leased, every node and every CoreDNS learns the names of the whole fleet here. */
export class LinksStack extends TerraformStack {
  constructor(scope: Construct, id: string, fleet: ResolvedFleet) {
    super(scope, id);
    settle(this, ['null']);
    new NullProvider(this, 'null');
    const [names, coredns] = ['guest/names.sh', 'guest/coredns.sh'];
    const hosts = hostNames(fleet);
    for (const { name, nodes } of fleet.clusters) {
      for (const { name: node } of nodes)
        new HostScript(this, linkName('names', node), {
          run: 'host/guest.sh',
          handsOn: [names],
          input: { node, script: names, input: { hosts } },
        });
      const controlPlanes = nodes.filter(({ role }) => role === 'control-plane').map((node) => node.name);
      new HostScript(this, linkName('coredns', name), {
        run: 'host/on-control-plane.sh',
        handsOn: [coredns],
        input: { controlPlanes, script: coredns, input: { corefile: corefile(fleet) } },
      });
    }
  }
}
