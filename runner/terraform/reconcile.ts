import type { ResolvedCluster, ResolvedStack } from '../../model/resolved-fleet';
import { layingScript, missingSecrets } from '../cluster/bootstrap-secrets';
import { waitForApi } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { runBootSteps } from '../machines/boot-steps';
import type { Journal } from '../progress/journal';
import { oweAgain } from './incomplete-scripts';
import { clearPendingReleases, lostNamespaces } from './pending-releases';
import { neededSteps, type StackOutcome, writeImports } from './stack-run';
import { stateAddresses } from './state-file';

/**
 * Puts right in a living cluster what Terraform cannot see, before it plans: records of killed releases, namespaces that the state does not know, Secrets that
 * are gone, stores that have sealed themselves.
 * @returns what could not be put right, to be given to `settleAfter`
 */
export async function settleBefore(
  deployment: Deployment,
  cluster: ResolvedCluster,
  stack: ResolvedStack,
  journal: Journal,
): Promise<readonly string[]> {
  const look = journal.begin(stack.name, 'look', 'look at the cluster', neededSteps(stack, journal));
  if (!(await waitForApi(deployment, cluster, 120))) {
    journal.end(look, true);
    journal.note(`${cluster.name}: its API did not answer within 120 s, the plan will fail rather than guess`);
    return [];
  }
  const [cleared, lost, gone, { wrong, owed }] = await Promise.all([
    clearPendingReleases(deployment, cluster),
    lostNamespaces(deployment, cluster, stack.name),
    layAgain(deployment, cluster, stack),
    runBootSteps(deployment, cluster),
  ]);
  writeImports(deployment, stack.name, lost);
  for (const [name, addresses] of [...owed, [stack.name, gone.addresses] as const])
    if (addresses.length > 0) oweAgain(deployment, name, addresses);
  journal.end(look, wrong.length > 0);
  // Not the end of it: what is changed now may be the cure.
  for (const sentence of [...cleared, ...gone.sentences, ...wrong]) journal.note(sentence);
  return wrong;
}

/** What could not be put right before the plan is tried once more after it, and then counts. */
export async function settleAfter(
  undone: readonly string[],
  outcome: StackOutcome,
  deployment: Deployment,
  cluster: ResolvedCluster,
): Promise<StackOutcome> {
  if (undone.length === 0) return outcome;
  const { wrong, owed } = outcome.result === 'failed' ? { wrong: undone, owed: new Map() } : await runBootSteps(deployment, cluster);
  for (const [name, addresses] of owed) oweAgain(deployment, name, addresses);
  return wrong.length === 0 ? outcome : { ...outcome, result: 'failed', errors: [...outcome.errors, ...wrong] };
}

/** Scripts that have laid down a Secret which is gone. Those that never ran are Terraform's to run. */
async function layAgain(deployment: Deployment, cluster: ResolvedCluster, stack: ResolvedStack) {
  const done = new Set(stateAddresses(deployment.stateFile(stack.name)));
  const gone = ((await missingSecrets(deployment, cluster)) ?? []).filter(({ component }) => done.has(layingScript(component)));
  return {
    addresses: [...new Set(gone.map(({ component }) => layingScript(component)))],
    sentences: gone.map(({ namespace, name }) => `${cluster.name}: the Secret ${namespace}/${name} is gone, it is laid down again`),
  };
}
