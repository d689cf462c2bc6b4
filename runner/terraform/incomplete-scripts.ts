import { existsSync, readFileSync, rmSync } from 'node:fs';
import { isScriptAddress } from '../../model/terraform-names';
import type { Deployment } from '../deployment/deployment';
import { writeAtOnce } from '../deployment/write-atomically';
import { stateIds } from './state-file';
import type { TerraformEvent } from './terraform';

/**
 * What is known of a stack while Terraform changes it. Some twenty seconds into a run Terraform begins to save its state in between, and what it saves then
 * counts a resource whose script is still at work as made. When it is killed after that, nobody but we knows that the script never came to its end.
 */
interface Applying {
  /** Ids of the resources that were complete before, by address. */
  readonly before: Readonly<Record<string, string>>;
  /** Ids of those that an earlier run left unfinished. */
  readonly owed: Readonly<Record<string, string>>;
  readonly log: string;
}

const fileOf = ({ folder }: Deployment, stack: string): string => `${folder}/state/${stack}.applying`;

/** To be called before Terraform changes a stack. */
export function beginApply(deployment: Deployment, stack: string): void {
  note(deployment, stack, new Set(unfinishedScripts(deployment, stack)));
}

/** To be called when Terraform came to an end of its own: then it has marked what failed itself. What it did not come to is still owed. */
export function endApply(deployment: Deployment, stack: string): void {
  const ids = stateIds(deployment.stateFile(stack));
  const owed = Object.entries(read(deployment, stack)?.owed ?? {}).filter(([address, id]) => ids.get(address) === id);
  if (owed.length === 0) rmSync(fileOf(deployment, stack), { force: true });
  else note(deployment, stack, new Set(owed.map(([address]) => address)));
}

/**
 * Scripts of a stack that a killed run may not have brought to their end: new in the state since it began, and not known to be complete.
 * @returns their addresses; none after a run that ended by itself
 */
export function unfinishedScripts(deployment: Deployment, stack: string): readonly string[] {
  const applying = read(deployment, stack);
  if (applying === null) return [];
  const complete = completedIn(applying.log);
  return [...stateIds(deployment.stateFile(stack))]
    .filter(([address, id]) => isScriptAddress(address) && applying.before[address] !== id && !complete.has(address))
    .map(([address]) => address);
}

/** Scripts that have to run again although their resources are complete: what they had made is gone. Holds until they were made again. */
export function oweAgain(deployment: Deployment, stack: string, addresses: readonly string[]): void {
  note(deployment, stack, new Set([...unfinishedScripts(deployment, stack), ...addresses]));
}

function note(deployment: Deployment, stack: string, owed: ReadonlySet<string>): void {
  const ids = [...stateIds(deployment.stateFile(stack))];
  const applying: Applying = {
    before: Object.fromEntries(ids.filter(([address]) => !owed.has(address))),
    owed: Object.fromEntries(ids.filter(([address]) => owed.has(address))),
    log: deployment.logFile(stack),
  };
  writeAtOnce(fileOf(deployment, stack), JSON.stringify(applying));
}

function read(deployment: Deployment, stack: string): Applying | null {
  const file = fileOf(deployment, stack);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function completedIn(log: string): ReadonlySet<string> {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  return new Set(
    lines.flatMap((line) => {
      // The last line may be cut off; one that is lost costs a second run of a script that is safe to run twice.
      if (!line.startsWith('{') || !line.endsWith('}')) return [];
      const { type, hook } = JSON.parse(line) as TerraformEvent;
      return type === 'apply_complete' && hook !== undefined && hook.action !== 'delete' ? [hook.resource.addr] : [];
    }),
  );
}
