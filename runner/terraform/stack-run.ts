import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reachable } from '../../model/graph';
import type { ResolvedStack } from '../../model/resolved-fleet';
import { isScriptAddress } from '../../model/terraform-names';
import type { Deployment } from '../deployment/deployment';
import { type Journal, stepId } from '../progress/journal';
import { dependencies, type Step, withoutKey } from '../progress/steps';
import { beginApply, endApply } from './incomplete-scripts';
import { type TerraformEvent, type TerraformResult, type TerraformRun, terraform } from './terraform';

export interface PlannedChange {
  readonly address: string;
  readonly action: string;
}

export interface StackOutcome {
  readonly stack: string;
  readonly result: 'unchanged' | 'changed' | 'failed' | 'skipped';
  readonly changes: readonly PlannedChange[];
  readonly errors: readonly string[];
}

/** A stack that is not as the fleet file says, and that stops whoever needs it. */
export const isBroken = ({ result }: StackOutcome): boolean => result === 'failed' || result === 'skipped';

export interface StackRunOptions {
  readonly deployment: Deployment;
  readonly journal: Journal;
  /** @default - nothing that changes anything may be run */
  readonly lock?: number;
  /** Addresses that are made again although Terraform sees nothing to do. */
  readonly replace: readonly string[];
}

/** A stack's providers and backend. Always anew: the folder may have been copied or the mirror rebuilt. */
export function initialize(stack: ResolvedStack, options: StackRunOptions): Promise<TerraformResult> {
  return step(stack, 'init', 'terraform init', [stepId('fleet', 'synth')], options, ['init', '-reconfigure', '-input=false', '-no-color']);
}

/** What would change, without changing anything. */
export async function plan(stack: ResolvedStack, options: StackRunOptions): Promise<StackOutcome> {
  const changes: PlannedChange[] = [];
  const after = [stepId(stack.name, 'init')];
  const args = ['plan', '-json', '-input=false', '-detailed-exitcode', '-lock=false', '-parallelism=32'];
  const { code, errors } = await step(stack, 'plan', 'terraform plan', after, options, args, (event) => collect(event, changes));
  return { stack: stack.name, result: code === 0 ? 'unchanged' : code === 2 ? 'changed' : 'failed', changes, errors };
}

/**
 * Plans and applies in one run of Terraform, which saves loading everything twice, and keeps a copy of the stack beside its state: what is
 * needed to destroy it when the fleet file has lost it.
 */
export async function apply(stack: ResolvedStack, options: StackRunOptions): Promise<StackOutcome> {
  const { deployment, journal } = options;
  const edges = dependencies(join(deployment.stackFolder(stack.name), 'cdk.tf.json'));
  const changes: PlannedChange[] = [];
  const steps = new Map<string, Step>();
  keepCopy(deployment, stack.name);
  const planning = journal.begin(stack.name, 'plan', 'terraform plan', [
    stepId(stack.name, 'init'),
    stepId(stack.name, 'look'),
    ...machineSteps(journal),
    ...neededSteps(stack, journal),
  ]);
  // Terraform ends the providers that planned and starts them again: seconds of work on a busy host, in which nothing can begin.
  let starting: Step | null = null;
  const onEvent = (event: TerraformEvent): void => {
    collect(event, changes);
    const address = event.hook?.resource?.addr;
    if (event.type === 'change_summary' && event.changes?.operation === 'plan') {
      journal.end(planning);
      if (changes.length > 0) starting = journal.begin(stack.name, 'start', 'terraform starts providers', [planning.id]);
    }
    if (event.type === 'apply_start' && starting?.endSeconds === null) journal.end(starting);
    if (address === undefined || !isStep(address)) return;
    if (event.type === 'apply_start' && event.hook?.action !== 'delete') {
      const before = [...reachable(edges, withoutKey(address))].map((needed) => stepId(stack.name, needed));
      steps.set(
        address,
        journal.begin(stack.name, withoutKey(address), title(address, event.hook?.action), [starting?.id ?? planning.id, ...before]),
      );
    } else if (event.type === 'apply_complete' || event.type === 'apply_errored') {
      const known = steps.get(address);
      if (known) journal.end(known, event.type === 'apply_errored');
    }
  };
  const args = [
    'apply',
    '-auto-approve',
    '-json',
    '-input=false',
    '-parallelism=32',
    ...options.replace.map((address) => `-replace=${address}`),
  ];
  beginApply(deployment, stack.name);
  const { code, errors, killed = false } = await terraform(args, terraformRun(stack, options, onEvent));
  if (!killed) endApply(deployment, stack.name);
  for (const open of [planning, ...(starting ? [starting] : []), ...steps.values()]) if (open.endSeconds === null) journal.end(open, true);
  return { stack: stack.name, result: code !== 0 ? 'failed' : changes.length === 0 ? 'unchanged' : 'changed', changes, errors };
}

function collect(event: TerraformEvent, changes: PlannedChange[]): void {
  if (event.type === 'planned_change' && event.change) changes.push({ address: event.change.resource.addr, action: event.change.action });
}

async function step(
  stack: ResolvedStack,
  name: string,
  text: string,
  after: readonly string[],
  options: StackRunOptions,
  args: readonly string[],
  onEvent: (event: TerraformEvent) => void = () => {},
): Promise<TerraformResult> {
  const began = options.journal.begin(stack.name, name, text, after);
  const result = await terraform(args, terraformRun(stack, options, onEvent));
  options.journal.end(began, result.code !== 0 && result.code !== 2);
  return result;
}

function terraformRun(stack: ResolvedStack, { deployment, lock }: StackRunOptions, onEvent: (event: TerraformEvent) => void): TerraformRun {
  return {
    folder: deployment.stackFolder(stack.name),
    environment: deployment.environment,
    log: deployment.logFile(stack.name),
    onEvent,
    ...(lock === undefined ? {} : { lock }),
  };
}

/** What a run did to machines before its stacks: looked, booted, restarted with another size. */
const machineSteps = ({ steps }: Journal): string[] => steps.filter(({ stack }) => stack === 'machines').map(({ id }) => id);

/** All steps of the stacks that must be applied before this one. */
export const neededSteps = (stack: ResolvedStack, journal: Journal): string[] =>
  journal.steps.filter((done) => stack.needs.includes(done.stack)).map((done) => done.id);

// Destroy hooks and teardown markers only record: they take no time and would double every line.
const isStep = (address: string): boolean => !address.startsWith('null_resource.') || isScriptAddress(address);

const title = (address: string, action = 'create'): string => {
  const [type, name] = address.split('.') as [string, string];
  const what = type === 'helm_release' ? `release ${name}` : name;
  return action === 'create' ? what : `${what} (${action})`;
};

/** Before anything is made, so that it is there after a kill too. At every moment one of the copies is complete. */
export function keepCopy(deployment: Deployment, stack: string): void {
  const kept = deployment.appliedFolder(stack);
  const [half, before] = [`${kept}.half`, `${kept}.before`];
  for (const folder of [half, ...(existsSync(kept) ? [before] : [])]) rmSync(folder, { recursive: true, force: true });
  cpSync(deployment.stackFolder(stack), half, { recursive: true, filter: (source) => !/\/\.terraform(\/|$)/.test(source) });
  if (existsSync(kept)) renameSync(kept, before);
  renameSync(half, kept);
  rmSync(before, { recursive: true, force: true });
}

/** The folder of a stack as it was last applied, `null` when it never was. */
export function appliedCopy(deployment: Deployment, stack: string): string | null {
  const kept = deployment.appliedFolder(stack);
  return [kept, `${kept}.before`].find((folder) => existsSync(join(folder, 'cdk.tf.json'))) ?? null;
}

/** Blocks that take over what a killed run made before it could write it down; empty when there is nothing. */
export function writeImports(deployment: Deployment, stack: string, imports: readonly { to: string; id: string }[]): void {
  const file = join(deployment.stackFolder(stack), 'imports.tf.json');
  if (imports.length === 0) rmSync(file, { force: true });
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== JSON.stringify({ import: imports }))
    writeFileSync(file, JSON.stringify({ import: imports }));
}
