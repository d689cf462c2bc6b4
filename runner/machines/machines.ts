import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet, ResolvedNode } from '../../model/resolved-fleet';
import { clusterStepName, clusterSteps, nodeStepName, nodeSteps, scriptAddress } from '../../model/terraform-names';
import type { Deployment } from '../deployment/deployment';
import { hostScript } from './host-script';

/**
 * Nodes that are gone from a cluster which only its provider can make, and only as a whole, with what to do: while any of it is left, a new one would
 * take that with it.
 */
export function irreplaceable({ provider, clusters }: ResolvedFleet, vanished: ReadonlySet<string>): ReadonlyMap<string, string> {
  const halves = provider.brings === 'machines' ? [] : clusters.filter(({ nodes }) => nodes.some(({ name }) => !vanished.has(name)));
  return new Map(
    halves.flatMap(({ name: cluster, nodes }) =>
      nodes.flatMap(({ name }): [string, string][] =>
        vanished.has(name)
          ? [
              [
                name,
                `the node ${name} is gone, and ${provider.id} cannot add one to cluster ${cluster}; to make it again, with the loss of what it holds: npx flotilla destroy, then npx flotilla up`,
              ],
            ]
          : [],
      ),
    ),
  );
}

export interface MachineState {
  readonly node: string;
  readonly state: 'running' | 'stopped' | 'absent';
  /** A machine of ours that no node file tells of. */
  readonly unknown?: boolean;
}

/** The machines of the deployment as its host sees them; none before the first `up`. */
export async function observeMachines({ model, folder, environment }: Deployment): Promise<readonly MachineState[]> {
  if (!['sources.json', 'deployment.json'].some((file) => existsSync(join(folder, file)))) return [];
  const script = `${model.provider.scripts}/machines.sh`;
  const output = await hostScript(script, { deployment: folder, uid: model.uid }, { environment });
  return (JSON.parse(output) as { machines: readonly MachineState[] }).machines;
}

/** Starts one machine with the input that it was made with, and what has changed of it since. @throws Failure */
export async function startMachine(
  { model, folder, environment }: Deployment,
  node: string,
  lock: number,
  changed: object = {},
): Promise<void> {
  const made = JSON.parse(readFileSync(join(folder, 'nodes', `${node}.json`), 'utf8')) as object;
  await hostScript(`${model.provider.scripts}/machine-up.sh`, { ...made, ...changed, deployment: folder }, { environment, lock });
}

/** Bridge, forwarding and registry again, as after a reboot of the host. Nothing where the foundation was never made. */
export async function restoreLab({ model, folder, environment }: Deployment, lock: number): Promise<void> {
  if (!existsSync(join(folder, 'lab.json'))) return;
  const { network, uid, provider } = model;
  const input = {
    deployment: folder,
    uid,
    bridge: network.bridge,
    cidr: network.cidr,
    gateway: network.gateway,
    registryPort: network.registry.port,
  };
  await hostScript(provider.hostScripts.claim, input, { environment, lock });
}

/** Nodes of which a machine was made at some time. */
export const madeNodes = (deployment: Deployment): readonly string[] =>
  readdirSync(join(deployment.folder, 'nodes'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''));

/**
 * What has to be made again for nodes whose machine is gone: their HostScripts, never their lease, whose destroy provisioner would drain
 * a node that is not there. As long as one control plane is there the cluster lives, and a lost one joins it again, the first one too; without
 * any the cluster has lost everything. One that its provider brought is made by a single step.
 */
export function replacements(nodes: readonly ResolvedNode[], cluster: string, vanished: ReadonlySet<string>): readonly string[] {
  const gone = nodes.filter((node) => vanished.has(node.name));
  if (gone.length === 0) return [];
  const lost = nodes.every(({ name, role }) => role === 'worker' || vanished.has(name));
  const again = lost ? nodes : gone;
  const perNode = again.flatMap(({ name }) => nodeSteps.map((step) => nodeStepName(step, name)));
  const perCluster = (lost ? clusterSteps : (['serving'] as const)).map((step) => clusterStepName(step, cluster));
  return [...perNode, ...perCluster].map(scriptAddress);
}
