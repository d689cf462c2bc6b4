import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from './deployment';
import type { Journal } from './journal';
import { kubectlItems } from './kubectl';
import { restoreLab, startMachine } from './machines';
import { readStatus } from './status';

export interface Booted {
  /** Nodes whose machine did not start, with what was said. */
  readonly failed: ReadonlyMap<string, string>;
  /** Nodes that were not Ready again in time. */
  readonly silent: readonly string[];
}

const patienceSeconds = 180;

/** Starts machines side by side and waits until their kubelets speak and all nodes of their clusters are Ready. One that fails stops no other. */
export async function bootMachines(deployment: Deployment, journal: Journal, nodes: readonly string[], lock: number): Promise<Booted> {
  await restoreLab(deployment, lock);
  if (nodes.length === 0) return { failed: new Map(), silent: [] };
  const began = new Date();
  journal.note(`off, booted now: ${nodes.join(', ')}`);
  const start = journal.begin('machines', 'boot', `boot ${nodes.length} machines`, ['machines/look']);
  const failed = new Map<string, string>();
  await Promise.all(nodes.map((node) => startMachine(deployment, node, lock).catch((error: Error) => failed.set(node, error.message))));
  journal.end(start, failed.size > 0);

  const started = nodes.filter((node) => !failed.has(node));
  const ready = journal.begin('machines', 'ready', 'nodes Ready again', [start.id]);
  const silent = await waitForNodes(deployment, started, began);
  journal.end(ready, silent.length > 0);
  return { failed, silent };
}

async function waitForNodes(deployment: Deployment, nodes: readonly string[], since: Date): Promise<readonly string[]> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const silent = await silentNodes(deployment, nodes, since);
    if (silent.length === 0 || Date.now() > deadline) return silent;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
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
