import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { defaultNetwork } from '../machines/define';
import { multipass } from '../machines/multipass';
import { type MachineProps, machineStep } from './machine';

export interface MultipassVmProps extends MachineProps {
  /** Release or alias that `multipass launch` takes. @default - the provider's image */
  readonly image?: string;
  /** How it is connected: a key of the provider's `networks`. @default shared */
  readonly machineNetwork?: string;
}

/** A virtual machine of Multipass: launched with our key by cloud-init, its leased address in `nodes/<node>.json`. */
export class MultipassVm extends Construct implements ITerraformDependable {
  public readonly fqn: string;

  /** The Terraform name is `machine-<node>`. */
  constructor(scope: Construct, id: string, props: MultipassVmProps) {
    super(scope, id);
    const { image = multipass.image, machineNetwork = defaultNetwork(multipass), ...machine } = props;
    this.fqn = machineStep(this, machine, props.scripts ?? multipass.scripts, { image, machineNetwork }).fqn;
  }
}
