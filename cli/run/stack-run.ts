import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedStack } from '../../model/resolved-fleet';
import type { Deployment } from './deployment';
import { type Journal, stepId } from './journal';
import { dependencies, type Step, withoutKey } from './steps';
import { type TerraformEvent, type TerraformResult, terraform } from './terraform';

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
  return step(stack, 'init', 'terraform init', [], options, ['init', '-reconfigure', '-input=false', '-no-color']);
}

/** What an apply would change, as a saved plan. */
export async function plan(stack: ResolvedStack, options: StackRunOptions): Promise<StackOutcome> {
  const changes: PlannedChange[] = [];
  const after = [stepId(stack.name, 'init'), ...neededSteps(stack, options.journal)];
  const replace = options.replace.map((address) => `-replace=${address}`);
  const args = ['plan', '-json', '-input=false', '-detailed-exitcode', '-out=tfplan', '-parallelism=32', ...replace];
  const { code, errors } = await step(stack, 'plan', 'terraform plan', after, options, args, (event) => {
    if (event.type === 'planned_change' && event.change) changes.push({ address: event.change.resource.addr, action: event.change.action });
  });
  return { stack: stack.name, result: code === 0 ? 'unchanged' : code === 2 ? 'changed' : 'failed', changes, errors };
}

/** Applies the saved plan and keeps a copy of the stack beside its state: what is needed to destroy it when the fleet file has lost it. */
export async function apply(stack: ResolvedStack, planned: StackOutcome, options: StackRunOptions): Promise<StackOutcome> {
  const { deployment, journal } = options;
  const folder = deployment.stackFolder(stack.name);
  const edges = dependencies(join(folder, 'cdk.tf.json'));
  const steps = new Map<string, Step>();
  const applying = journal.now();
  const onEvent = (event: TerraformEvent): void => {
    const address = event.hook?.resource?.addr;
    if (address === undefined) return;
    if (event.type === 'apply_start' && isStep(address)) {
      const before = [...closure(withoutKey(address), edges)].map((needed) => stepId(stack.name, needed));
      steps.set(
        address,
        journal.begin(stack.name, withoutKey(address), title(address, event.hook?.action), [stepId(stack.name, 'plan'), ...before]),
      );
    } else if (event.type === 'apply_complete' || event.type === 'apply_errored') {
      const known = steps.get(address);
      if (known) journal.end(known, event.type === 'apply_errored');
    }
  };
  const { code, errors } = await terraform(['apply', '-json', '-input=false', '-parallelism=32', 'tfplan'], {
    folder,
    environment: deployment.environment,
    log: deployment.logFile(stack.name),
    onEvent,
    ...(options.lock === undefined ? {} : { lock: options.lock }),
  });
  for (const open of steps.values()) if (open.endSeconds === null) journal.end(open, true);
  rmSync(join(folder, 'tfplan'), { force: true });
  if (code === 0) keepApplied(deployment, stack.name);
  if (process.env.FLOTILLA_TRACE) journal.note(`${stack.name} applied in ${(journal.now() - applying).toFixed(1)} s`);
  return { ...planned, result: code === 0 ? 'changed' : 'failed', errors };
}

async function step(
  stack: ResolvedStack,
  name: string,
  text: string,
  after: readonly string[],
  { deployment, journal, lock }: StackRunOptions,
  args: readonly string[],
  onEvent: (event: TerraformEvent) => void = () => {},
): Promise<TerraformResult> {
  const began = journal.begin(stack.name, name, text, after);
  const result = await terraform(args, {
    folder: deployment.stackFolder(stack.name),
    environment: deployment.environment,
    log: deployment.logFile(stack.name),
    onEvent,
    ...(lock === undefined ? {} : { lock }),
  });
  journal.end(began, result.code !== 0 && result.code !== 2);
  return result;
}

/** All steps of the stacks that must be applied before this one. */
const neededSteps = (stack: ResolvedStack, journal: Journal): string[] =>
  journal.steps.filter((done) => stack.needs.includes(done.stack)).map((done) => done.id);

// Leases and markers only record; they take no time and would double every line.
const isStep = (address: string): boolean => !/^null_resource\.(lease|teardown)\b/.test(address);

const title = (address: string, action = 'create'): string => {
  const [type, name] = address.split('.') as [string, string];
  const what = type === 'helm_release' ? `release ${name}` : name;
  return action === 'create' ? what : `${what} (${action})`;
};

function closure(address: string, edges: ReadonlyMap<string, readonly string[]>, seen = new Set<string>()): Set<string> {
  for (const needed of edges.get(address) ?? []) {
    if (seen.has(needed)) continue;
    seen.add(needed);
    closure(needed, edges, seen);
  }
  return seen;
}

function keepApplied(deployment: Deployment, stack: string): void {
  const kept = deployment.appliedFolder(stack);
  const half = `${kept}.half`;
  rmSync(half, { recursive: true, force: true });
  cpSync(deployment.stackFolder(stack), half, { recursive: true, filter: (source) => !/\/\.terraform(\/|$)/.test(source) });
  rmSync(kept, { recursive: true, force: true });
  renameSync(half, kept);
}

/** Blocks that take over what a killed run made before it could write it down; empty when there is nothing. */
export function writeImports(deployment: Deployment, stack: string, imports: readonly { to: string; id: string }[]): void {
  const file = join(deployment.stackFolder(stack), 'imports.tf.json');
  if (imports.length === 0) rmSync(file, { force: true });
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== JSON.stringify({ import: imports }))
    writeFileSync(file, JSON.stringify({ import: imports }));
}
