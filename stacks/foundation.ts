import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Lease } from '../constructs/destroy-hook';
import { HostScript } from '../constructs/host-script';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { destroyHookName } from '../model/terraform-names';
import { settle } from './terraform-settings';

/** What the fleet shares on its host: the SSH key, the claim, and where the fleet decides on addresses the bridge. Made first, destroyed last. */
export class FoundationStack extends TerraformStack {
  constructor(scope: Construct, id: string, { uid, provider, network }: ResolvedFleet) {
    super(scope, id);
    settle(this, ['null']);
    new NullProvider(this, 'null');
    const lease = new Lease(this, destroyHookName, { uid, holds: ['host'], release: provider.hostScripts.release });
    if (provider.brings === 'machines') new HostScript(this, 'ssh-key', { run: 'host/ssh-key.sh', input: {} });
    const { bridge, cidr, gateway, registry } = network;
    new HostScript(this, 'lab', {
      run: provider.hostScripts.claim,
      input: { uid, registryPort: registry.port, ...(provider.addresses === 'assigned' ? { bridge, cidr, gateway } : {}) },
      dependsOn: [lease.of('host')],
    });
  }
}
