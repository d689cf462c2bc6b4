import type { ResolvedCluster } from '../../model/resolved-fleet';
import { kubectlItems, rest } from '../cluster/kubectl';
import { readStatus } from '../cluster/status';
import type { Deployment } from '../deployment/deployment';
import type { Journal } from '../progress/journal';
import { restoreLab, startMachine } from './machines';
import { readdress } from './readdress';

export interface Booted {
  readonly started: readonly string[];
  /** Nodes whose machine did not start, with what was said. */
  readonly failed: ReadonlyMap<string, string>;
  /** When the first machine was started. */
  readonly since: Date;
}

const patienceSeconds = 180;

/** Starts machines side by side, those with a new size with that. One that fails stops no other. */
export async function bootMachines(
  deployment: Deployment,
  journal: Journal,
  nodes: readonly string[],
  lock: number,
  sizes: ReadonlyMap<string, object> = new Map(),
): Promise<Booted> {
  await restoreLab(deployment, lock);
  const since = new Date();
  const failed = new Map<string, string>();
  if (nodes.length === 0) return { started: [], failed: await readdress(deployment, journal, lock), since };
  journal.note(`off, booted now: ${nodes.join(', ')}`);
  const step = journal.begin('machines', 'boot', `boot ${nodes.length} machines`, ['machines/look']);
  await Promise.all(
    nodes.map((node) => startMachine(deployment, node, lock, sizes.get(node)).catch((error: Error) => failed.set(node, error.message))),
  );
  journal.end(step, failed.size > 0);
  for (const [node, why] of await readdress(deployment, journal, lock)) failed.set(node, why);
  return { started: nodes.filter((node) => !failed.has(node)), failed, since };
}

/**
 * Waits until the kubelets of booted machines speak again and their nodes are Ready.
 * @returns the nodes that were not within three minutes
 */
export async function waitUntilReady(deployment: Deployment, journal: Journal, { started, since }: Booted): Promise<readonly string[]> {
  if (started.length === 0) return [];
  const after = journal.steps.map(({ id }) => id);
  const step = journal.begin('machines', 'ready', 'nodes Ready again', after);
  const deadline = Date.now() + patienceSeconds * 1000;
  let silent = started;
  for (let asked = Date.now(); ; asked = Date.now()) {
    silent = await silentNodes(deployment, started, since);
    if (silent.length === 0 || Date.now() > deadline) break;
    await rest(asked);
  }
  journal.end(step, silent.length > 0);
  return silent;
}

/** Those of the nodes that are not Ready, or are still called so from before: a cluster notices after 40 s only that a node is gone. */
async function silentNodes(deployment: Deployment, nodes: readonly string[], since: Date): Promise<readonly string[]> {
  const { clusters } = await readStatus(deployment);
  const ready = new Set(clusters.flatMap((cluster) => cluster.nodes.filter((node) => node.ready).map(({ name }) => name)));
  const spoken = new Set((await Promise.all(deployment.model.clusters.map((cluster) => heardFrom(deployment, cluster, since)))).flat());
  return nodes.filter((node) => !ready.has(node) || !spoken.has(node));
}

interface Lease {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly renewTime: string };
}

async function heardFrom(deployment: Deployment, cluster: ResolvedCluster, since: Date): Promise<readonly string[]> {
  const leases = (await kubectlItems<Lease>(deployment, cluster, ['leases', '--namespace=kube-node-lease'])) ?? [];
  return leases.filter(({ spec }) => new Date(spec.renewTime) > since).map(({ metadata }) => metadata.name);
}
