import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { corefile, hostNames, initDocuments } from '../../model/kubeadm';
import type { ResolvedCluster, ResolvedNode } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import type { Journal } from '../progress/journal';
import type { StackOutcome } from '../terraform/stack-run';
import { hostScript } from './host-script';
import { madeNode } from './inventory';
import { type MachineState, observeMachines } from './machines';

const mark = '.moved-';

/** Nodes whose machine came back with another address than the one that their cluster knows. Marks of nodes that are gone are swept. */
export function movedNodes(deployment: Deployment): readonly string[] {
  const nodes = join(deployment.folder, 'nodes');
  const marked = readdirSync(nodes)
    .filter((file) => file.startsWith(mark))
    .map((file) => file.slice(mark.length));
  for (const node of marked) if (!isMade(deployment, node)) rmSync(join(nodes, `${mark}${node}`));
  return marked.filter((node) => isMade(deployment, node));
}

/**
 * Brings clusters, names and kubeconfigs in step with the new addresses of nodes that moved; to be called when machines were started, and again when
 * stacks made some anew. Nothing where none moved. As long as a machine is off, which learns nothing, the nodes stay marked.
 * @returns the nodes that moved
 * @throws Failure with what the script said; the nodes stay marked, and the next call does it again
 */
export async function readdressMoved(deployment: Deployment, lock: number): Promise<readonly string[]> {
  if (movedNodes(deployment).length === 0) return [];
  const input = readdressInput(deployment, await observeMachines(deployment));
  if (input === null) return [];
  await hostScript('host/readdress.sh', input, { environment: deployment.environment, lock });
  return input.nodes;
}

/** What readdress.sh is asked to do, `null` where nothing can be done: only machines that run are spoken to. */
export function readdressInput(deployment: Deployment, machines: readonly MachineState[]) {
  const { model, folder } = deployment;
  const runs = new Set(machines.filter(({ state }) => state === 'running').map(({ node }) => node));
  const present = model.clusters.map((cluster) => ({ ...cluster, nodes: cluster.nodes.filter(({ name }) => runs.has(name)) }));
  const known = new Set(present.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  const nodes = movedNodes(deployment).filter((node) => known.has(node));
  if (nodes.length === 0) return null;
  const keepMarks = machines.some(({ state }) => state === 'stopped');
  return { deployment: folder, nodes, keepMarks, clusters: knownTo(deployment, present) };
}

/** The same as a step of the journal. @returns what failed, by node */
export async function readdress(deployment: Deployment, journal: Journal, lock: number): Promise<ReadonlyMap<string, string>> {
  const moved = movedNodes(deployment);
  if (moved.length === 0) return new Map();
  journal.note(`at another address than before: ${moved.join(', ')}`);
  const step = journal.begin(
    'machines',
    'readdress',
    `tell all the new address of ${moved.join(', ')}`,
    journal.steps.map(({ id }) => id),
  );
  try {
    await readdressMoved(deployment, lock);
    journal.end(step);
    return new Map();
  } catch (error) {
    journal.end(step, true);
    return new Map(moved.map((node) => [node, (error as Error).message]));
  }
}

/** The outcomes of a run whose stacks may have made machines anew, at addresses that their neighbours do not know yet. */
export async function withAddresses(
  outcomes: readonly StackOutcome[],
  { deployment, journal, lock }: { readonly deployment: Deployment; readonly journal: Journal; readonly lock: number },
): Promise<readonly StackOutcome[]> {
  const failed = await readdress(deployment, journal, lock);
  return outcomes.map((outcome) => {
    const cluster = deployment.model.clusters.find(({ name }) => name === outcome.stack);
    const errors = (cluster?.nodes ?? []).flatMap(({ name }) => failed.get(name) ?? []);
    return errors.length === 0 ? outcome : { ...outcome, result: 'failed', errors: [...outcome.errors, ...errors] };
  });
}

/** What each cluster is to know of addresses, as `leased(<node>)`. Other clusters' names only where all machines are made: their stack comes last. */
function knownTo(deployment: Deployment, present: readonly ResolvedCluster[]) {
  const { model } = deployment;
  const all = model.clusters.every(({ nodes }) => nodes.every(({ name }) => isMade(deployment, name)));
  return present.flatMap((cluster) => {
    if (cluster.nodes.length === 0) return [];
    const whole = model.clusters.find(({ name }) => name === cluster.name)!;
    const named = { ...whole, nodes: whole.nodes.filter(({ name }) => isMade(deployment, name)) };
    const listed = all ? undefined : named;
    const controlPlanes = cluster.nodes.filter(({ role }) => role === 'control-plane');
    return {
      name: cluster.name,
      apiName: cluster.api.name,
      controlPlanes: controlPlanes.map(({ name }) => name),
      nodes: cluster.nodes.map(({ name }) => name),
      hosts: hostNames(model, listed),
      corefile: corefile(model, listed),
      documents: Object.fromEntries(controlPlanes.map((node) => [node.name, initDocuments(model, named, node)])),
      peers: Object.fromEntries(controlPlanes.map(({ name }) => [name, movedPeers(deployment, controlPlanes, name)])),
    };
  });
}

/** Other control planes that moved, by the address that etcd still knows them by. */
function movedPeers(deployment: Deployment, controlPlanes: readonly ResolvedNode[], self: string) {
  const moved = new Set(movedNodes(deployment));
  return controlPlanes
    .filter(({ name }) => name !== self && moved.has(name))
    .map(({ name, address }) => ({ old: readFileSync(join(deployment.folder, 'nodes', `${mark}${name}`), 'utf8').trim(), new: address }))
    .filter(({ old }) => old !== '');
}

/** The record is begun before the machine is. */
const isMade = (deployment: Deployment, node: string): boolean => (madeNode(deployment, node)?.address ?? '') !== '';
