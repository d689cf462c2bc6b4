import { rmSync } from 'node:fs';
import { plannedResizes, sayResize } from '../../runner/machines/resize';
import { Journal } from '../../runner/progress/journal';
import { previewOf } from '../../runner/session';
import { orphanStacks } from '../../runner/terraform/destroy';
import { initialize, plan, type StackOutcome } from '../../runner/terraform/stack-run';
import { requireTerraform } from '../../runner/terraform/terraform';
import { defineVerb } from '../verb';

export const diff = defineVerb<{ json?: boolean }>({
  name: 'diff',
  summary: 'Show what up would change, in every stack; exit code 3 when there is something',
  example: 'npx flotilla diff || echo "exit code $?"   # works before the clusters exist too',
  options: [
    [
      '--json',
      '{fleet, stacks: [{stack, changes: [{address, action}]}], orphans, resizes}; orphans are stacks that left the fleet file, resizes sentences',
    ],
  ],
  run: async ({ selection, options }) => {
    const { deployment, isPrepared } = previewOf(selection, 'diff');
    requireTerraform(deployment);
    if (!isPrepared) console.error(`note: ${deployment.model.deployment} does not exist yet, so everything is new`);
    const resizes = plannedResizes(deployment).map((resize) => sayResize(resize, deployment.model.provider.id));
    const journal = new Journal(() => {});
    const outcomes: StackOutcome[] = [];
    for (const stack of deployment.model.stacks) {
      const run = { deployment, journal, replace: [] };
      const { code, errors } = await initialize(stack, run);
      outcomes.push(code === 0 ? await plan(stack, run) : { stack: stack.name, result: 'failed', changes: [], errors });
    }
    const failed = outcomes.filter(({ result }) => result === 'failed');
    const orphans = orphanStacks(deployment);
    const changed = orphans.length + resizes.length > 0 || outcomes.some(({ changes }) => changes.length > 0);
    if (options.json) {
      console.log(
        JSON.stringify(
          { fleet: deployment.model.fleet, stacks: outcomes.map(({ stack, changes }) => ({ stack, changes })), orphans, resizes },
          null,
          2,
        ),
      );
    } else {
      for (const { stack, changes } of outcomes) {
        console.log(`${stack}: ${changes.length === 0 ? 'no changes' : `${changes.length} changes`}`);
        for (const { address, action } of changes) console.log(`  ${action.padEnd(8)} ${address}`);
      }
    }
    if (!options.json) for (const sentence of resizes) console.log(sentence);
    if (!options.json)
      for (const stack of orphans)
        console.log(`${stack}: no longer in the fleet file: up takes it down, and asks first where machines are deleted`);
    for (const { stack, errors } of failed) console.error(`${stack} cannot be planned:\n  ${errors.join('\n  ')}`);
    if (failed.length > 0 && !isPrepared)
      console.error('where providers cannot be downloaded, "npx flotilla prepare" gets them from elsewhere');
    if (!isPrepared) rmSync(deployment.folder, { recursive: true, force: true });
    return failed.length > 0 ? 1 : changed ? 3 : 0;
  },
});
