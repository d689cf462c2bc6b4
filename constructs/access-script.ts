import type { Construct } from 'constructs';
import { clusterIdentity } from './cluster-identity';
import { HostScript, type HostScriptProps } from './host-script';

export interface AccessScriptProps extends Pick<HostScriptProps, 'input' | 'handsOn' | 'dependsOn'> {
  /** Below `scripts/`. */
  readonly script: string;
  /** Of the cluster that is let in: path below the deployment's folder. */
  readonly clientKubeconfig: string;
}

/** A script that lets one cluster into what another one has. It runs again for another cluster under that name: nobody knows its authority yet. */
export function accessScript(scope: Construct, id: string, { script, clientKubeconfig, ...props }: AccessScriptProps): HostScript {
  return new HostScript(scope, id, { run: script, ...props, rerunOn: { client: clusterIdentity(scope, clientKubeconfig) } });
}
