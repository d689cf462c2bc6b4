import { hostScript } from '../../runner/machines/host-script';
import { observeMachines } from '../../runner/machines/machines';
import { workOn } from '../../runner/session';
import { defineVerb } from '../verb';

/** A node with running pods takes about 74 s to power off (measured); after this long it is cut. */
const patienceSeconds = 120;

export const shutdown = defineVerb<{ powerCut?: boolean }>({
  name: 'shutdown',
  summary: 'Power the machines off and keep everything; boot or up brings them back',
  example: 'npx flotilla shutdown             # waits for the machines, two minutes at most',
  options: [['--power-cut', 'as if the plug were pulled: at once, nothing is asked']],
  run: async ({ selection, options }) => {
    const { deployment, journal, lock } = workOn(selection, 'shutdown');
    const { model, folder, environment } = deployment;
    const running = (await observeMachines(deployment)).filter(({ state }) => state === 'running');
    const how = options.powerCut ? 'power-cut' : 'clean';
    await Promise.all(
      running.map(({ node }) => {
        const input = { deployment: folder, uid: model.uid, node, how, timeoutSeconds: patienceSeconds };
        return hostScript(`${model.provider.scripts}/machine-stop.sh`, input, { environment, lock: lock.descriptor });
      }),
    );
    console.log(`${running.length} machines are off after ${journal.now().toFixed(1)} s; "npx flotilla boot" starts them`);
    return 0;
  },
});
