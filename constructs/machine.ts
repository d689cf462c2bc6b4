import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { machineName } from '../model/names';
import { nodeStepName } from '../model/terraform-names';
import { HostScript } from './host-script';

/** What a machine is, whoever makes it. */
export interface MachineProps {
  /** Six hex digits: whose machine this is. */
  readonly uid: string;
  readonly cluster: string;
  /** Node name, also the guest's host name. */
  readonly node: string;
  readonly role: 'control-plane' | 'worker';
  /** Whole processors; a number or a cdktf token. */
  readonly cpus: number;
  /** A number or a cdktf token. */
  readonly memoryMiB: number;
  /** A number or a cdktf token. */
  readonly diskGiB: number;
  /** Name of the cluster's API server, which the lease needs to drain the node; text or a cdktf token. */
  readonly apiName: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** Folder of the provider's scripts, below `scripts/` or absolute. @default - the provider's own */
  readonly scripts?: string;
  /** @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** The one step that makes and starts a machine, on the host called `f<uid>-<node>`; its Terraform name is `machine-<node>`. The caller has checked the props. */
export function machineStep(scope: Construct, props: MachineProps, scripts: string, more: Readonly<Record<string, unknown>>): HostScript {
  const { scripts: _, dependsOn = [], uid, cluster, node, role, ...size } = props;
  return new HostScript(scope, nodeStepName('machine', node), {
    run: `${scripts}/machine-up.sh`,
    // Where a provider is not one of ours, whoever takes the machine away has to know where its scripts are.
    input: { uid, cluster, node, role, machine: machineName(uid, node), ...size, ...more, ...(scripts.startsWith('/') ? { scripts } : {}) },
    dependsOn,
  });
}
