import { forgetGoneNodes } from '../../runner/deployment/record';
import { onInterruption } from '../../runner/interruption';
import { madeNodes } from '../../runner/machines/machines';
import { prepareFor } from '../../runner/session';
import { raise } from '../../runner/terraform/apply';
import { report } from '../report';
import { defineVerb } from '../verb';

export const up = defineVerb<{ yes?: boolean; moved?: boolean }>({
  name: 'up',
  summary: 'Make the fleet what its file says: raise it, change it, or bring it back after a power cut',
  example: 'npx flotilla up --fleet lab      # two clusters from nothing; run it again and nothing changes',
  options: [
    ['--yes', 'delete clusters that left the fleet file without asking'],
    ['--moved', 'the fleet file of this deployment is at a different place now: record it'],
  ],
  run: async ({ selection, options: { yes = false, moved = false } }) => {
    const { deployment, journal, lock, notRun } = await prepareFor(selection, 'up', undefined, { removals: yes, moved });
    const interruptions = onInterruption(journal);
    const outcomes = await raise({ deployment, journal, lock: lock.descriptor, interrupted: () => interruptions() > 0 });
    forgetGoneNodes(
      deployment.folder,
      deployment.model.clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name)),
      madeNodes(deployment),
    );
    return report(deployment, journal, outcomes, notRun);
  },
});
