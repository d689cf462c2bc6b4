import { plannedResizes, sayResize } from '../../runner/machines/resize';
import { Journal } from '../../runner/progress/journal';
import { type Preview, withPreview } from '../../runner/session';
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
      '{fleet, stacks: [{stack, changes: [{address, action}]}], failed, orphans, resizes}; failed are stacks without a plan, orphans left the fleet file, resizes are sentences',
    ],
  ],
  run: ({ selection, options }) =>
    withPreview(selection, 'diff', async (preview) => {
      const { deployment, isPrepared } = preview;
      requireTerraform(deployment);
      if (!isPrepared) console.error(`note: ${deployment.model.deployment} does not exist yet, so everything is new`);
      const resizes = plannedResizes(deployment).map((resize) => sayResize(resize, deployment.model.provider.id));
      const { outcomes, isInitialized } = await plans(preview);
      const planned = outcomes.filter(({ result }) => result !== 'failed');
      const failed = outcomes.filter(({ result }) => result === 'failed');
      const orphans = orphanStacks(deployment);
      const { fleet, stacks } = deployment.model;
      if (options.json) {
        const done = new Set(planned.map(({ stack }) => stack));
        console.log(
          JSON.stringify(
            {
              fleet,
              stacks: planned.map(({ stack, changes }) => ({ stack, changes })),
              failed: stacks.flatMap(({ name }) => (done.has(name) ? [] : [name])),
              orphans,
              resizes,
            },
            null,
            2,
          ),
        );
      } else {
        for (const { stack, changes } of planned) {
          console.log(`${stack}: ${changes.length === 0 ? 'no changes' : `${changes.length} changes`}`);
          for (const { address, action } of changes) console.log(`  ${action.padEnd(8)} ${address}`);
        }
        for (const sentence of resizes) console.log(sentence);
        for (const stack of orphans)
          console.log(`${stack}: no longer in the fleet file: up takes it down, and asks first where machines are deleted`);
      }
      for (const { stack, errors } of failed) console.error(`${stack} cannot be planned:\n  ${errors.join('\n  ')}`);
      const skipped = stacks.length - outcomes.length;
      if (skipped > 0) console.error(`${skipped} more stacks are not planned: their providers come from the same place`);
      if (!isInitialized) console.error('where providers cannot be downloaded, "npx flotilla prepare" builds them, on Linux with Go');
      const isChanged = orphans.length + resizes.length > 0 || planned.some(({ changes }) => changes.length > 0);
      return failed.length > 0 ? 1 : isChanged ? 3 : 0;
    }),
});

/** The plans, one stack after the other. Where nothing was prepared, the first stack whose providers cannot be had is the last one. */
async function plans({ deployment, isPrepared }: Preview): Promise<{ outcomes: readonly StackOutcome[]; isInitialized: boolean }> {
  const journal = new Journal(() => {});
  const outcomes: StackOutcome[] = [];
  let isInitialized = true;
  for (const stack of deployment.model.stacks) {
    const run = { deployment, journal, replace: [] };
    const { code, errors } = await initialize(stack, run);
    if (code === 0) outcomes.push(await plan(stack, run));
    else {
      isInitialized = false;
      outcomes.push({ stack: stack.name, result: 'failed', changes: [], errors });
      if (!isPrepared) break;
    }
  }
  return { outcomes, isInitialized };
}
