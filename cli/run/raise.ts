import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedCluster, ResolvedStack } from '../../model/resolved-fleet';
import { type Booted, bootMachines, waitUntilReady } from './boot';
import { runBootSteps } from './boot-steps';
import type { Deployment } from './deployment';
import { diagnose } from './diagnose';
import { clearPendingReleases, lostNamespaces } from './janitor';
import { type Journal, stepId } from './journal';
import { waitForApi } from './kubectl';
import { irreplaceable, madeNodes, observeMachines, replacements } from './machines';
import { removeOrphans } from './raze';
import { withAddresses } from './readdress';
import { plannedResizes, type Resize, replacedAddresses, restartResized, sayResize, startSizes } from './resize';
import { schedule } from './schedule';
import { apply, initialize, isBroken, neededSteps, type StackOutcome, type StackRunOptions, writeImports } from './stack-run';
import { stateAddresses } from './state-file';
import type { TerraformResult } from './terraform';
import { unfinishedScripts } from './unfinished';

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
      const { again, undone } = await beforePlan(stack, vanished, resizes, options);
      const replace = [...new Set([...again, ...unfinishedScripts(deployment, stack.name)])];
      const outcome = await withBootSteps(undone, await apply(stack, { deployment, journal, lock: options.lock, replace }), stack, options);
      return outcome.result === 'failed' ? explain(outcome, stack, deployment) : outcome;
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

interface Before {
  /** Addresses to be made again. */
  readonly again: readonly string[];
  /** What could not be brought back that a start of pods had undone. */
  readonly undone: readonly string[];
}

/** What Terraform cannot see. */
async function beforePlan(
  stack: ResolvedStack,
  vanished: ReadonlySet<string>,
  resizes: readonly Resize[],
  { deployment, journal }: RaiseOptions,
): Promise<Before> {
  const known = new Set(stateAddresses(deployment.stateFile(stack.name)));
  const nothing: Before = { again: [], undone: [] };
  // A machine that is made again is told the names of its own cluster first, and its neighbours know it by its old address.
  if (stack.kind === 'links')
    return { ...nothing, again: vanished.size > 0 ? [...known].filter((address) => address.startsWith('null_resource.links-')) : [] };
  const cluster = clusterOf(deployment, stack);
  if (cluster === undefined) return nothing;
  const again = [...new Set([...replacements(cluster.nodes, cluster.name, vanished), ...replacedAddresses(resizes, cluster.name)])];
  if (stack.kind === 'cluster') return { ...nothing, again: again.filter((address) => known.has(address)) };
  const undone = await settlePlatform(deployment, cluster, stack, journal);
  const startsOver = again.includes(`null_resource.kubeconfig-${cluster.name}`);
  return { undone, again: startsOver ? [...known].filter((address) => address.startsWith('null_resource.')) : [] };
}

const clusterOf = ({ model }: Deployment, { cluster }: ResolvedStack): ResolvedCluster | undefined =>
  model.clusters.find(({ name }) => name === cluster);

async function settlePlatform(
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
  const [cleared, lost, undone] = await Promise.all([
    clearPendingReleases(deployment, cluster),
    lostNamespaces(deployment, cluster, stack.name),
    runBootSteps(deployment, cluster),
  ]);
  writeImports(deployment, stack.name, lost);
  journal.end(look, undone.length > 0);
  // Not the end of it: what is changed now may be the cure.
  for (const sentence of [...cleared, ...undone]) journal.note(sentence);
  return undone;
}

/** What could not be brought back before the plan is tried once more after it, and then counts. */
async function withBootSteps(
  undone: readonly string[],
  outcome: StackOutcome,
  stack: ResolvedStack,
  { deployment }: RaiseOptions,
): Promise<StackOutcome> {
  const cluster = clusterOf(deployment, stack);
  if (undone.length === 0 || cluster === undefined) return outcome;
  const still = outcome.result === 'failed' ? undone : await runBootSteps(deployment, cluster);
  return still.length === 0 ? outcome : { ...outcome, result: 'failed', errors: [...outcome.errors, ...still] };
}

async function explain(outcome: StackOutcome, stack: ResolvedStack, deployment: Deployment): Promise<StackOutcome> {
  const cluster = clusterOf(deployment, stack);
  if (stack.kind !== 'platform' || cluster === undefined) return outcome;
  return { ...outcome, errors: [...outcome.errors, ...(await diagnose(deployment, cluster))] };
}
