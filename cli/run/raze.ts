import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedStack } from '../../model/resolved-fleet';
import type { Deployment } from './deployment';
import { hostScript } from './host-script';
import type { Journal } from './journal';
import { observeMachines } from './machines';
import { schedule } from './schedule';
import type { StackOutcome } from './stack-run';
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
  const { deployment, journal } = options;
  const { stacks } = deployment.model;
  for (const platform of stacks.filter(({ kind }) => kind === 'platform')) {
    const held = stateAddresses(deployment.stateFile(platform.name)).length;
    if (held > 0) journal.note(`${platform.name}: ${held} resources go with the machines of ${platform.cluster}, their state is dropped`);
    dropState(deployment.stateFile(platform.name));
  }
  const machines = stacks.filter(({ kind }) => kind !== 'platform');
  const reversed = machines.map((stack) => ({
    ...stack,
    needs: machines.filter(({ needs }) => needs.includes(stack.name)).map(({ name }) => name),
  }));
  const outcomes = await schedule(reversed, (stack) => destroyStack(stack, options));
  if (outcomes.every(({ result }) => result === 'unchanged' || result === 'changed')) await sweep(options);
  return outcomes;
}

async function destroyStack(stack: ResolvedStack, { deployment, journal, lock }: RazeOptions): Promise<StackOutcome> {
  const done = { stack: stack.name, changes: [], errors: [] };
  const held = stateAddresses(deployment.stateFile(stack.name));
  if (held.length === 0) return { ...done, result: 'unchanged' };
  const step = journal.begin(stack.name, 'destroy', `destroy ${held.length} resources`);
  const run = {
    folder: deployment.stackFolder(stack.name),
    environment: deployment.environment,
    log: deployment.logFile(stack.name),
    lock,
  };
  const init = await terraform(['init', '-reconfigure', '-input=false', '-no-color'], run);
  const result = init.code === 0 ? await terraform(['destroy', '-auto-approve', '-json', '-input=false', '-parallelism=32'], run) : init;
  journal.end(step, result.code !== 0);
  return { ...done, result: result.code === 0 ? 'changed' : 'failed', errors: result.errors };
}

/** The last look: a machine that no state knew of, and then everything of the deployment but its logs. */
async function sweep({ deployment, journal, lock }: RazeOptions): Promise<void> {
  const { model, folder, environment } = deployment;
  const left = (await observeMachines(deployment)).filter(({ state }) => state !== 'absent');
  for (const { node } of left) {
    journal.note(`${node}: a machine that no state knew of, deleted`);
    await hostScript(`${model.provider.scripts}/machine-delete.sh`, { deployment: folder, uid: model.uid, node }, { environment, lock });
  }
  if (left.length > 0)
    await hostScript(model.provider.hostScripts.release, { deployment: folder, uid: model.uid, node: 'host' }, { environment, lock });
  for (const part of readdirSync(folder))
    if (part !== 'logs' && part !== 'lock') rmSync(join(folder, part), { recursive: true, force: true });
}

/** Whether there is anything to take down. */
export const hasState = ({ model, stateFile }: Deployment): boolean =>
  model.stacks.some(({ name }) => existsSync(stateFile(name)) && stateAddresses(stateFile(name)).length > 0);
