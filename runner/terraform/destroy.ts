import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../deployment/deployment';
import { namesIn } from '../deployment/folder';
import { hostScript } from '../machines/host-script';
import { observeMachines } from '../machines/machines';
import type { Journal } from '../progress/journal';
import { removeDeadSockets } from './plugin-sockets';
import { appliedCopy, isBroken, type StackOutcome } from './stack-run';
import { dropState, stateAddresses } from './state-file';
import { terraform } from './terraform';

export interface RazeOptions {
  readonly deployment: Deployment;
  readonly journal: Journal;
  readonly lock: number;
}

/**
 * Takes down all that the deployment has, in the opposite order of its making. What is installed on a cluster goes with its machines, so a
 * platform's state is dropped on purpose: that is quick, and works with a dead API too.
 */
export async function raze(options: RazeOptions): Promise<readonly StackOutcome[]> {
  const { deployment } = options;
  removeDeadSockets(deployment.folder);
  const orphans = await removeOrphans(options);
  const { stacks } = deployment.model;
  for (const { name, kind } of stacks) if (kind === 'platform') dropPlatform(name, options);
  const clusters = await Promise.all(stacks.filter(({ kind }) => kind === 'cluster').map(({ name }) => destroyStack(name, options)));
  if ([...orphans, ...clusters].some(isBroken)) return [...orphans, ...clusters];
  await deleteUnknownMachines(options);
  const foundation: StackOutcome[] = [];
  for (const { name, kind } of stacks) if (kind === 'foundation') foundation.push(await destroyStack(name, options));
  if (!foundation.some(isBroken)) forgetDeployment(deployment);
  return [...orphans, ...clusters, ...foundation];
}

/** Stacks that have state and are not in the fleet file any more. */
export const orphanStacks = ({ model, folder }: Deployment): readonly string[] =>
  namesIn(join(folder, 'state'))
    .filter((file) => file.endsWith('.tfstate'))
    .map((file) => file.replace(/\.tfstate$/, ''))
    .filter((stack) => !model.stacks.some(({ name }) => name === stack))
    .filter((stack) => stateAddresses(join(folder, 'state', `${stack}.tfstate`)).length > 0);

/** Takes down what left the fleet file, by the copy of the stack that was kept when it was applied. */
export async function removeOrphans(options: RazeOptions): Promise<readonly StackOutcome[]> {
  const { deployment, journal } = options;
  const orphans = orphanStacks(deployment);
  if (orphans.length > 0) journal.note(`no longer in the fleet file, taken down: ${orphans.join(', ')}`);
  const isPlatform = (stack: string): boolean => hasReleases(appliedCopy(deployment, stack));
  for (const stack of orphans) if (isPlatform(stack)) dropPlatform(stack, options);
  return Promise.all(orphans.filter((stack) => !isPlatform(stack)).map((stack) => destroyStack(stack, options)));
}

const hasReleases = (copy: string | null): boolean =>
  copy !== null && 'helm' in (JSON.parse(readFileSync(join(copy, 'cdk.tf.json'), 'utf8')) as { provider: object }).provider;

function dropPlatform(stack: string, { deployment, journal }: RazeOptions): void {
  const held = stateAddresses(deployment.stateFile(stack)).length;
  if (held > 0) journal.note(`${stack}: its ${held} resources go with the machines, their state is dropped`);
  dropState(deployment.stateFile(stack));
}

/** By the copy that was kept before the stack was last applied: a synthesis that was killed cannot have touched it. */
async function destroyStack(stack: string, { deployment, journal, lock }: RazeOptions): Promise<StackOutcome> {
  const held = stateAddresses(deployment.stateFile(stack));
  if (held.length === 0) return { stack, result: 'unchanged', changes: [], errors: [] };
  // The marker's resource comes last, so after half an `up` there is none, and leases would drain.
  writeFileSync(join(deployment.folder, 'tearing-down', stack), '');
  const folder = appliedCopy(deployment, stack) ?? synthesized(deployment, stack);
  if (folder === null)
    return {
      stack,
      result: 'failed',
      changes: [],
      errors: [`the kept copy of ${stack} is missing: run "npx flotilla up" once, then destroy`],
    };
  const step = journal.begin(stack, 'destroy', `destroy ${held.length} resources`);
  const run = {
    folder,
    environment: deployment.environment,
    log: deployment.logFile(stack),
    lock,
  };
  const init = await terraform(['init', '-reconfigure', '-input=false', '-no-color'], run);
  const result = init.code === 0 ? await terraform(['destroy', '-auto-approve', '-json', '-input=false', '-parallelism=32'], run) : init;
  journal.end(step, result.code !== 0);
  if (result.code === 0) rmSync(deployment.stateFile(stack), { force: true });
  return { stack, result: result.code === 0 ? 'changed' : 'failed', changes: [], errors: result.errors };
}

/** What plain Terraform or cdktf has applied and no `up` of ours. */
const synthesized = ({ stackFolder }: Deployment, stack: string): string | null =>
  existsSync(join(stackFolder(stack), 'cdk.tf.json')) ? stackFolder(stack) : null;

async function deleteUnknownMachines({ deployment, journal, lock }: RazeOptions): Promise<void> {
  const { model, folder, environment } = deployment;
  const left = (await observeMachines(deployment)).filter(({ state, unknown }) => state !== 'absent' || unknown === true);
  for (const { node, state } of left) {
    // One that is absent has left its mark on the host, which would not be given back with it.
    journal.note(`${node}: ${state === 'absent' ? 'the mark of a machine that is gone' : 'a machine that no state knew of'}, deleted`);
    await hostScript(`${model.provider.scripts}/machine-delete.sh`, { deployment: folder, uid: model.uid, node }, { environment, lock });
  }
}

/** Everything of the deployment but its logs and the lock that we hold. */
export function forgetDeployment({ folder }: Deployment): void {
  for (const part of readdirSync(folder))
    if (part !== 'logs' && part !== 'lock') rmSync(join(folder, part), { recursive: true, force: true });
}

/** Whether there is anything to take down. */
export const hasState = ({ model, stateFile }: Deployment): boolean =>
  model.stacks.some(({ name }) => stateAddresses(stateFile(name)).length > 0);
