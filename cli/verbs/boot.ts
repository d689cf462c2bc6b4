import { Failure } from '../../config/failure';
import { bootMachines, waitUntilReady } from '../../runner/machines/boot';
import { runBootSteps } from '../../runner/machines/boot-steps';
import { observeMachines } from '../../runner/machines/machines';
import { workOn } from '../../runner/session';
import { oweAgain } from '../../runner/terraform/incomplete-scripts';
import { defineVerb } from '../verb';

export const boot = defineVerb({
  name: 'boot',
  summary: 'Start the machines that are off, after a shutdown or a power cut, wait until every node is Ready, and open what sealed itself',
  example: 'npx flotilla boot                 # changes nothing in the clusters; up would do the same first',
  run: async ({ selection }) => {
    const { deployment, journal, lock } = workOn(selection, 'boot');
    const machines = await observeMachines(deployment);
    const off = machines.filter(({ state, unknown }) => state === 'stopped' && !unknown).map(({ node }) => node);
    const gone = machines.filter(({ state }) => state === 'absent').map(({ node }) => node);
    const booted = await bootMachines(deployment, journal, off, lock.descriptor);
    const silent = await waitUntilReady(deployment, journal, booted);
    const lame = new Set([...booted.failed.keys(), ...gone]);
    const living = deployment.model.clusters.filter(({ nodes }) =>
      nodes.some(({ name, role }) => role === 'control-plane' && !lame.has(name)),
    );
    const steps = await Promise.all(living.map((cluster) => runBootSteps(deployment, cluster)));
    for (const { owed } of steps) for (const [stack, addresses] of owed) oweAgain(deployment, stack, addresses);
    journal.close();
    console.log(`${off.length} of ${machines.length} machines were off (${journal.now().toFixed(1)} s)`);
    if (gone.length > 0) console.log(`the machines of ${gone.join(', ')} are gone: "npx flotilla up" makes them again`);
    const wrong = [
      ...[...booted.failed].map(([node, why]) => `${node} does not start: ${why}`),
      ...(silent.length > 0
        ? [`not Ready yet: ${silent.join(', ')}; "npx flotilla ssh ${silent[0]} -- journalctl -u kubelet" may tell why`]
        : []),
      ...steps.flatMap(({ wrong: texts }) => texts),
    ];
    if (wrong.length > 0) throw new Failure(wrong.join('\n'));
    return gone.length > 0 ? 1 : 0;
  },
});
