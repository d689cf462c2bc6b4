import { UserError } from '../../config/problem';
import { typedName } from '../../runner/confirm';
import { recordedDeployments } from '../../runner/deployment/meant-deployment';
import { claims, hostData, livingClaims } from '../../runner/host/claims';
import { onInterruption } from '../../runner/interruption';
import { hostScript } from '../../runner/machines/host-script';
import { removeLeftBehind } from '../../runner/machines/left-behind';
import { observeMachines } from '../../runner/machines/machines';
import { lastKnown, type Session } from '../../runner/session';
import { forgetDeployment, hasState, orphanStacks, raze } from '../../runner/terraform/destroy';
import { isBroken } from '../../runner/terraform/stack-run';
import { defineVerb } from '../verb';

export const destroy = defineVerb<{ yes?: boolean; uid?: string; deployment?: string }>({
  name: 'destroy',
  summary: 'Take everything of the deployment down: clusters, machines, their data, bridge and registry',
  example: 'npx flotilla destroy --yes        # asks nothing',
  options: [
    ['--yes', 'do not ask'],
    [
      '--deployment <name>',
      'the deployment of this name, whatever has become of its fleet file; a folder below .flotilla/ of this checkout',
    ],
    ['--uid <uid>', 'remove what a deployment left on this host whose checkout is gone; "npx flotilla doctor" names its uid'],
  ],
  run: async ({ selection, options }) => {
    if (options.uid !== undefined) return removeByUid(options.uid, options.yes === true);
    const session = lastKnown(selection, 'destroy', options.deployment);
    const machines = session === null ? [] : (await observeMachines(session.deployment)).filter(({ state }) => state !== 'absent');
    if (session === null || (!hasState(session.deployment) && orphanStacks(session.deployment).length === 0 && machines.length === 0)) {
      if (session !== null) await giveBack(session);
      console.log('nothing to destroy: there are no machines and no state');
      // A fleet file whose name or overlay is a different one now means a different deployment.
      if (session === null)
        for (const { name } of recordedDeployments())
          console.log(`  ${name} of this checkout exists: npx flotilla destroy --deployment ${name}`);
      return 0;
    }
    const { deployment, journal, lock } = session;
    if (!options.yes && !(await confirmed(deployment.model.deployment, machines.length))) return 1;
    onInterruption(journal);
    const outcomes = await raze({ deployment, journal, lock: lock.descriptor });
    journal.close();
    const failed = outcomes.filter(isBroken);
    for (const { stack, errors } of failed)
      console.log(`\n${stack}:\n  ${errors.join('\n  ')}\n  the whole log: ${deployment.logFile(stack)}`);
    if (failed.length > 0) console.log('what is left is known to the state: mend what is said above and run "npx flotilla destroy" again');
    else
      console.log(
        `\n${deployment.model.deployment} is gone (${journal.now().toFixed(1)} s); its logs are kept in ${deployment.folder}/logs`,
      );
    return failed.length > 0 ? 1 : 0;
  },
});

/** A first `up` that failed early leaves a claim on the host, its network with it, and nothing else. */
async function giveBack({ deployment, lock }: Session): Promise<void> {
  const { model, folder, environment } = deployment;
  if (!claims(hostData).some(({ uid }) => uid === model.uid)) return;
  await hostScript(
    model.provider.hostScripts.release,
    { deployment: folder, uid: model.uid, node: 'host' },
    { environment, lock: lock.descriptor },
  );
  forgetDeployment(deployment);
}

async function removeByUid(uid: string, yes: boolean): Promise<number> {
  if (!/^[0-9a-f]{6}$/.test(uid)) throw new UserError(`uid "${uid}": a uid is six hex digits, "npx flotilla doctor" names it`);
  const claim = livingClaims(hostData).find((living) => living.uid === uid);
  if (claim !== undefined) {
    throw new UserError(
      `uid "${uid}" is ${claim.deployment} of ${claim.checkout}, which is alive: run "npx flotilla destroy --deployment ${claim.deployment}" there`,
    );
  }
  if (!yes && !(await confirmed(uid, null))) return 1;
  const deleted = await removeLeftBehind(uid);
  console.log(`${uid} is gone from this host: ${deleted.length === 0 ? 'it had no machines' : deleted.join(', ')}`);
  return 0;
}

const confirmed = (deployment: string, machines: number | null): Promise<boolean> =>
  typedName('destroy', deployment, `This deletes ${machines ?? 'all'} machines and all data of ${deployment}. Type its name to go on: `);
