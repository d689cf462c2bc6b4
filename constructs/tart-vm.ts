import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { defaultNetwork } from '../machines/define';
import { tart } from '../machines/tart';
import { leasedMachineFaults } from '../model/props/machines';
import { checkProps } from './check-props';
import { type MachineProps, machineStep } from './machine';

export interface TartVmProps extends MachineProps {
  /** What it is cloned from: an OCI reference, better with a digest, or the name of a local machine. @default - the provider's image */
  readonly image?: string;
  /** How it is connected: a key of the provider's `networks`. @default softnet */
  readonly machineNetwork?: string;
}

/** A virtual machine of Tart on a Mac: cloned, started by launchd, met over SSH, its leased address in `nodes/<node>.json`. */
export class TartVm extends Construct implements ITerraformDependable {
  public readonly fqn: string;

  /**
   * The Terraform name is `machine-<node>`.
   * @throws UserError with everything that a rule of fleet files refuses in the props
   */
  constructor(scope: Construct, id: string, props: TartVmProps) {
    super(scope, id);
    checkProps(this, props, (known) => leasedMachineFaults(known, tart, props.scripts === undefined || props.scripts === tart.scripts));
    const { image = tart.image, machineNetwork = defaultNetwork(tart), ...machine } = props;
    this.fqn = machineStep(this, machine, props.scripts ?? tart.scripts, { image, machineNetwork }).fqn;
  }
}
