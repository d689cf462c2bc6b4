import { Failure } from '../../config/failure';
import type { ResolvedStack } from '../../model/resolved-fleet';
import type { StackState } from '../progress/tree';
import { isBroken, type StackOutcome } from './stack-run';

/**
 * Runs each stack as soon as all that it needs has succeeded. A failing stack stops only what needs it; an interruption stops what has not
 * begun. Every stack is in the answer.
 * @param watch hears that a stack runs and how it ended. @default - nobody
 */
export async function schedule(
  stacks: readonly ResolvedStack[],
  run: (stack: ResolvedStack) => Promise<StackOutcome>,
  interrupted: () => boolean = () => false,
  watch: (stack: string, state: StackState) => void = () => {},
): Promise<readonly StackOutcome[]> {
  const outcomes = new Map<string, Promise<StackOutcome>>();
  const start = (stack: ResolvedStack): Promise<StackOutcome> => {
    const known = outcomes.get(stack.name);
    if (known) return known;
    const started = (async (): Promise<StackOutcome> => {
      const needed = await Promise.all(stacks.filter((other) => stack.needs.includes(other.name)).map(start));
      const broken = needed.filter(isBroken).map((outcome) => outcome.stack);
      if (broken.length > 0) return skipped(stack, `it needs ${broken.join(', ')}`);
      if (interrupted()) return skipped(stack, 'the run was interrupted');
      watch(stack.name, 'running');
      return run(stack).catch((error: Error) => ({
        stack: stack.name,
        result: 'failed',
        changes: [],
        errors: [error instanceof Failure ? error.message : (error.stack ?? error.message)],
      }));
    })().then((outcome) => {
      watch(stack.name, isBroken(outcome) ? (outcome.result as 'failed' | 'skipped') : 'done');
      return outcome;
    });
    outcomes.set(stack.name, started);
    return started;
  };
  return Promise.all(stacks.map(start));
}

const skipped = (stack: ResolvedStack, why: string): StackOutcome => ({ stack: stack.name, result: 'skipped', changes: [], errors: [why] });
