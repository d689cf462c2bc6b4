import { Failure } from '../failure';
import { waitForApi } from '../run/kubectl';
import { observeMachines, startMachines } from '../run/machines';
import { openSession } from '../session';
import { defineVerb } from '../verb';

export const boot = defineVerb({
  name: 'boot',
  summary: 'Start the machines that are off, after a shutdown or a power cut, and wait for every API',
  example: 'flotilla boot                 # changes nothing in the clusters; up would do the same first',
  run: async ({ selection }) => {
    const { deployment, journal, lock } = await openSession(selection, { verb: 'boot', prepare: true, changes: true });
    if (lock === undefined) throw new Failure('boot needs the deployment lock');
    const machines = await observeMachines(deployment);
    const off = machines.filter(({ state, unknown }) => state === 'stopped' && !unknown).map(({ node }) => node);
    const gone = machines.filter(({ state }) => state === 'absent').map(({ node }) => node);
    if (machines.length === 0) throw new Failure(`${deployment.model.deployment} has no machines yet: run "flotilla up"`);
    await startMachines(deployment, off, lock.descriptor);
    const answers = await Promise.all(deployment.model.clusters.map((cluster) => waitForApi(deployment, cluster, 180)));
    const silent = deployment.model.clusters.filter((_, index) => !answers[index]).map(({ name }) => name);
    console.log(`${off.length} of ${machines.length} machines were off; the APIs answer after ${journal.now().toFixed(1)} s`);
    if (gone.length > 0) console.log(`the machines of ${gone.join(', ')} are gone: "flotilla up" makes them again`);
    if (silent.length > 0)
      throw new Failure(
        `no answer from the API of ${silent.join(', ')} after 180 s: "flotilla ssh ${silent[0]}-cp-1 journalctl -u kubelet" may tell why`,
      );
    return gone.length > 0 ? 1 : 0;
  },
});
