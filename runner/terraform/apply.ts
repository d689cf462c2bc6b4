import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedCluster, ResolvedStack } from '../../model/resolved-fleet';
import { clusterStepName, isLinkAddress, scriptAddress } from '../../model/terraform-names';
import { diagnose } from '../cluster/diagnose';
import type { Deployment } from '../deployment/deployment';
import { type Booted, bootMachines, waitUntilReady } from '../machines/boot';
import { irreplaceable, madeNodes, observeMachines, replacements } from '../machines/machines';
import { withAddresses } from '../machines/readdress';
import { plannedResizes, type Resize, replacedAddresses, restartResized, sayResize, startSizes } from '../machines/resize';
import { type Journal, stepId } from '../progress/journal';
import { removeOrphans } from './destroy';
import { unfinishedScripts } from './incomplete-scripts';
import { removeDeadSockets } from './plugin-sockets';
import { settleAfter, settleBefore } from './reconcile';
import { schedule } from './schedule';
import { apply, initialize, isBroken, type StackOutcome, type StackRunOptions } from './stack-run';
import { stateAddresses } from './state-file';
import type { TerraformResult } from './terraform';

export interface RaiseOptions {
  readonly deployment: Deployment;
  readonly journal: Journal;
  readonly lock: number;
  readonly interrupted: () => boolean;
}

/** Makes the deployment what its fleet file says: what is off is booted, what vanished is made again, each stack runs when its turn comes. */
export async function raise(options: RaiseOptions): Promise<readonly StackOutcome[]> {
  const { deployment, journal, interrupted } = options;
  const { stacks } = deployment.model;
  const resizes = plannedResizes(deployment);
  forgetTeardown(deployment);
  removeDeadSockets(deployment.folder);
  for (const resize of resizes) journal.note(sayResize(resize, deployment.model.provider.id));
  for (const { name } of stacks) journal.stackIs(name, 'waiting');
  const initialized = initializeAll(stacks, { deployment, journal, replace: [] });
  const { vanished, booted } = await awaken(options, resizes);
  const orphans = await removeOrphans(options);
  const outcomes = await schedule(
    stacks,
    async (stack) => {
      const { code, errors } = await initialized.get(stack.name)!;
      if (code !== 0) return { stack: stack.name, result: 'failed', changes: [], errors };
      const lame = deployment.model.clusters.find(({ name }) => stack.kind === 'cluster' && name === stack.cluster);
      const why = (lame?.nodes ?? []).flatMap(({ name }) => booted.failed.get(name) ?? []);
      if (why.length > 0) return { stack: stack.name, result: 'failed', changes: [], errors: why };
      const run = () => {
        const replace = [...new Set([...madeAgain(deployment, stack, vanished, resizes), ...unfinishedScripts(deployment, stack.name)])];
        return apply(stack, { deployment, journal, lock: options.lock, replace });
      };
      const cluster = clusterOf(deployment, stack);
      if (stack.kind !== 'platform' || cluster === undefined) return run();
      const undone = await settleBefore(deployment, cluster, stack, journal);
      const outcome = await settleAfter(undone, await run(), deployment, cluster);
      return outcome.result === 'failed' ? { ...outcome, errors: [...outcome.errors, ...(await diagnose(deployment, cluster))] } : outcome;
    },
    interrupted,
    (stack, state) => journal.stackIs(stack, state),
  );
  return [...orphans, ...(await withReadiness(await withAddresses(outcomes, options), booted, options))];
}

const synthesis = stepId('fleet', 'synth');

/** A marker of an earlier teardown would make leases skip the drain. */
function forgetTeardown({ folder }: Deployment): void {
  for (const marker of readdirSync(join(folder, 'tearing-down'))) rmSync(join(folder, 'tearing-down', marker));
}

interface Awake {
  /** Nodes whose machine is gone. */
  readonly vanished: ReadonlySet<string>;
  readonly booted: Booted;
}

/** Looks at the machines, starts what is off and restarts what has another size now. */
async function awaken(options: RaiseOptions, resizes: readonly Resize[]): Promise<Awake> {
  const { deployment, journal, lock } = options;
  const look = journal.begin('machines', 'look', 'look at the machines', [synthesis]);
  const machines = await observeMachines(deployment);
  const made = new Set(madeNodes(deployment));
  const inState = (wanted: string): string[] =>
    machines.filter(({ node, state }) => state === wanted && made.has(node)).map(({ node }) => node);
  const vanished = inState('absent');
  journal.end(look);
  const lost = irreplaceable(deployment.model, new Set(vanished));
  for (const node of vanished) if (!lost.has(node)) journal.note(`${node}: its machine is gone, it is made again`);
  const booted = await bootMachines(deployment, journal, inState('stopped'), lock, startSizes(resizes));
  await restartResized(resizes, new Set(inState('running')), options);
  return { vanished: new Set(vanished), booted: { ...booted, failed: new Map([...booted.failed, ...lost]) } };
}

/** A run that has booted machines is over when their nodes are back; those of clusters that failed anyway are not waited for. */
async function withReadiness(
  outcomes: readonly StackOutcome[],
  booted: Booted,
  { deployment, journal }: RaiseOptions,
): Promise<readonly StackOutcome[]> {
  if (outcomes.some(isBroken)) return outcomes;
  const silent = new Set(await waitUntilReady(deployment, journal, booted));
  return outcomes.map((outcome) => {
    const cluster = deployment.model.clusters.find(({ name }) => name === outcome.stack);
    const late = (cluster?.nodes ?? []).filter(({ name }) => silent.has(name));
    if (late.length === 0) return outcome;
    return {
      ...outcome,
      result: 'failed',
      errors: late.map(({ name }) => `${name} was booted and is not Ready: npx flotilla ssh ${name} -- journalctl -u kubelet`),
    };
  });
}

/** The first stack's providers first, so that its work hides the time that the others take. */
function initializeAll(stacks: readonly ResolvedStack[], run: StackRunOptions): ReadonlyMap<string, Promise<TerraformResult>> {
  const initialized = new Map<string, Promise<TerraformResult>>();
  let before: Promise<unknown> = Promise.resolve();
  for (const stack of stacks) {
    const mine = before.then(() => initialize(stack, run));
    initialized.set(stack.name, mine);
    if (stack.needs.length === 0) before = mine;
  }
  return initialized;
}

/** Addresses that are made again although Terraform sees nothing to do, because of machines. */
function madeAgain(
  deployment: Deployment,
  stack: ResolvedStack,
  vanished: ReadonlySet<string>,
  resizes: readonly Resize[],
): readonly string[] {
  const known = stateAddresses(deployment.stateFile(stack.name));
  // A machine that is made again is told the names of its own cluster first, and its neighbours know it by its old address.
  if (stack.kind === 'links') return vanished.size > 0 ? known.filter(isLinkAddress) : [];
  const cluster = clusterOf(deployment, stack);
  if (cluster === undefined) return [];
  const again = new Set([...replacements(cluster.nodes, cluster.name, vanished), ...replacedAddresses(resizes, cluster.name)]);
  if (stack.kind === 'cluster') return known.filter((address) => again.has(address));
  return again.has(scriptAddress(clusterStepName('kubeconfig', cluster.name)))
    ? known.filter((address) => address.startsWith('null_resource.'))
    : [];
}

const clusterOf = ({ model }: Deployment, { cluster }: ResolvedStack): ResolvedCluster | undefined =>
  model.clusters.find(({ name }) => name === cluster);
