import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../config/failure';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { describeDeployment, makeFolders } from '../../runner/deployment/deployment';
import { readSources } from '../../runner/host/sources';
import { onInterruption } from '../../runner/interruption';
import { takeLock } from '../../runner/lock';
import { Journal } from '../../runner/progress/journal';
import { raise } from '../../runner/terraform/apply';
import { raze } from '../../runner/terraform/destroy';
import { initialize, plan, type StackOutcome } from '../../runner/terraform/stack-run';

/**
 * What `flotilla up`, `destroy` and `diff` do once everything is prepared, on a deployment folder whose stacks are synthesized:
 * `node runner.cjs up|destroy|diff FOLDER` prints {outcomes, notes} as its last line.
 */
async function main([verb, folder]: string[]): Promise<void> {
  const model: ResolvedFleet = JSON.parse(readFileSync(join(folder!, 'model.json'), 'utf8'));
  const sources = readSources(folder!)!;
  makeFolders(folder!);
  const deployment = describeDeployment(model, folder!, sources.bin, sources.terraformConfig);
  const notes: string[] = [];
  const journal = new Journal((line) => notes.push(line));
  const outcomes = verb === 'diff' ? await diff() : await change();
  console.log(JSON.stringify({ outcomes, notes }));

  function change(): Promise<readonly StackOutcome[]> {
    const lock = takeLock(join(folder!, 'lock'), verb!).descriptor;
    const interruptions = onInterruption(journal);
    return verb === 'up'
      ? raise({ deployment, journal, lock, interrupted: () => interruptions() > 0 })
      : raze({ deployment, journal, lock });
  }

  function diff(): Promise<readonly StackOutcome[]> {
    return Promise.all(
      model.stacks.map(async (stack) => {
        const run = { deployment, journal, replace: [] };
        const { code, errors } = await initialize(stack, run);
        return code === 0 ? plan(stack, run) : { stack: stack.name, result: 'failed' as const, changes: [], errors };
      }),
    );
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
});
