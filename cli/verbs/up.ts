import { Failure } from '../failure';
import { report } from '../report';
import { raise } from '../run/raise';
import { interruptTerraform } from '../run/terraform';
import { openSession } from '../session';
import { defineVerb } from '../verb';

export const up = defineVerb({
  name: 'up',
  summary: 'Make the fleet what its file says: raise it, change it, or bring it back after a power cut',
  example: 'flotilla up --fleet lab      # two clusters from nothing; run it again and nothing changes',
  run: async ({ selection }) => {
    const session = await openSession(selection, { verb: 'up', prepare: true, changes: true });
    const { deployment, journal, lock } = session;
    let interruptions = 0;
    process.on('SIGINT', () => {
      interruptions += 1;
      journal.note(interruptions === 1 ? 'finishing the steps that have begun; "flotilla up" continues from there' : 'stopping at once');
      interruptTerraform();
      if (interruptions > 2) process.exit(1);
    });
    if (lock === undefined) throw new Failure('up needs the deployment lock');
    const outcomes = await raise({ deployment, journal, lock: lock.descriptor, interrupted: () => interruptions > 0 });
    return report(deployment, journal, outcomes);
  },
});
