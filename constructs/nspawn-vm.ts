import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { HostScript } from './host-script';

export interface NspawnVmProps {
  readonly uid: string;
  readonly cluster: string;
  /** Node name, also the guest's host name. */
  readonly node: string;
  readonly role: 'control-plane' | 'worker';
  /** Name of the machine on the host. */
  readonly machine: string;
  readonly address: string;
  readonly network: { readonly prefixLength: number; readonly gateway: string; readonly bridge: string };
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  /** Name of the cluster's API, for who has to drain the node later. */
  readonly apiName: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** Folder of the provider's scripts, below `scripts/` or absolute. @default host/nspawn */
  readonly scripts?: string;
  /** @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** A container with an init system of its own that behaves as a machine: made, started and reachable over SSH with the fleet's key. */
export class NspawnVm extends Construct implements ITerraformDependable {
  public readonly fqn: string;

  constructor(scope: Construct, id: string, props: NspawnVmProps) {
    super(scope, id);
    const { scripts = 'host/nspawn', network, dependsOn = [], ...identity } = props;
    this.fqn = new HostScript(this, `machine-${props.node}`, {
      run: `${scripts}/machine-up.sh`,
      input: { ...identity, ...network, ...(scripts.startsWith('/') ? { scripts } : {}) },
      dependsOn,
    }).fqn;
  }
}
