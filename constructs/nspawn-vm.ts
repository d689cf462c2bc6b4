import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { nspawn } from '../machines/nspawn';
import { type MachineProps, machineStep } from './machine';

export interface NspawnVmProps extends MachineProps {
  /** IPv4, inside the network. */
  readonly address: string;
  /** What the machine is connected to; `bridge` is the name of the host's interface, at most 15 bytes. */
  readonly network: { readonly prefixLength: number; readonly gateway: string; readonly bridge: string };
}

/** A container with an init system of its own that behaves as a machine: made, started and reachable over SSH with the fleet's key. */
export class NspawnVm extends Construct implements ITerraformDependable {
  public readonly fqn: string;

  /** The Terraform name is `machine-<node>`. */
  constructor(scope: Construct, id: string, props: NspawnVmProps) {
    super(scope, id);
    const { address, network, ...machine } = props;
    this.fqn = machineStep(this, machine, props.scripts ?? nspawn.scripts, { address, ...network }).fqn;
  }
}
