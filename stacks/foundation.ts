import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { HostScript } from '../constructs/host-script';
import { Lease } from '../constructs/lease';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { settle } from './terraform-settings';

/** What the fleet shares on its host: the SSH key, the bridge, the registry. Made first, destroyed last. */
export class FoundationStack extends TerraformStack {
  constructor(scope: Construct, id: string, { uid, provider, network }: ResolvedFleet) {
    super(scope, id);
    settle(this, ['null']);
    new NullProvider(this, 'null');
    const lease = new Lease(this, 'lease', { uid, holds: ['host'], release: provider.hostScripts.release });
    new HostScript(this, 'ssh-key', { run: 'host/ssh-key.sh', input: {} });
    new HostScript(this, 'lab', {
      run: provider.hostScripts.claim,
      input: { uid, bridge: network.bridge, cidr: network.cidr, gateway: network.gateway, registryPort: network.registry.port },
      dependsOn: [lease.of('host')],
    });
  }
}
