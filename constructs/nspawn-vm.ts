import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { nspawn } from '../machines/nspawn';
import { assignedMachineFaults } from '../model/props/machines';
import { checkProps } from './check-props';
import { type MachineProps, machineStep } from './machine';

export interface NspawnVmProps extends MachineProps {
  /** IPv4, inside the network; text or a cdktf token. */
  readonly address: string;
  /** What the machine is connected to; `bridge` is the name of the host's interface, at most 15 bytes. Each may be a cdktf token. */
  readonly network: { readonly prefixLength: number; readonly gateway: string; readonly bridge: string };
}

/** A container with an init system of its own that behaves as a machine: made, started and reachable over SSH with the fleet's key. */
export class NspawnVm extends Construct implements ITerraformDependable {
  public readonly fqn: string;

  /**
   * The Terraform name is `machine-<node>`.
   * @throws UserError with everything that a rule of fleet files refuses in the props
   */
  constructor(scope: Construct, id: string, props: NspawnVmProps) {
    super(scope, id);
    checkProps(this, props, assignedMachineFaults);
    const { address, network, ...machine } = props;
    this.fqn = machineStep(this, machine, props.scripts ?? nspawn.scripts, { address, ...network }).fqn;
  }
}
