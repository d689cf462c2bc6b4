import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { defaultNetwork } from '../machines/define';
import { multipass } from '../machines/multipass';
import { leasedMachineFaults } from '../model/props/machines';
import { checkProps } from './check-props';
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

  /**
   * The Terraform name is `machine-<node>`.
   * @throws UserError with everything that a rule of fleet files refuses in the props
   */
  constructor(scope: Construct, id: string, props: MultipassVmProps) {
    super(scope, id);
    checkProps(this, props, (known) =>
      leasedMachineFaults(known, multipass, props.scripts === undefined || props.scripts === multipass.scripts),
    );
    const { image = multipass.image, machineNetwork = defaultNetwork(multipass), ...machine } = props;
    this.fqn = machineStep(this, machine, props.scripts ?? multipass.scripts, { image, machineNetwork }).fqn;
  }
}
