import { Failure } from '../../config/failure';
import { UserError } from '../../config/problem';
import { typedName } from '../../runner/confirm';
import { drop, whatIsKept, whatSpeaksAgainst } from '../../runner/machines/forget';
import { lastKnown } from '../../runner/session';
import { defineVerb } from '../verb';

export const forget = defineVerb<{ cluster?: string; yes?: boolean; force?: boolean; deployment?: string }>({
  name: 'forget',
  operands: '[cluster]',
  summary: 'Drop the records of a dead cluster, or of the whole dead deployment; never of one that still has machines',
  example: 'npx flotilla forget edge   # its machines are gone for good; up would make it anew',
  options: [
    ['--cluster <name>', 'the same as the operand: this cluster only (default: the whole deployment)'],
    ['--yes', 'do not ask'],
    [
      '--deployment <name>',
      'the deployment of this name, whatever has become of its fleet file; a folder below .flotilla/ of this checkout',
    ],
    ['--force', 'although an API answers, or the machines cannot be looked at; machines that exist are never forgotten'],
  ],
  run: async ({ selection, options, args: [operand] }) => {
    if (operand !== undefined && options.cluster !== undefined && operand !== options.cluster)
      throw new UserError(`forget: is it "${operand}" or --cluster "${options.cluster}"? name one`);
    const session = lastKnown(selection, 'forget', options.deployment);
    if (session === null) {
      console.log('nothing to forget: there is no record of this deployment');
      return 0;
    }
    const { deployment, lock } = session;
    const { model } = deployment;
    const named = operand ?? options.cluster ?? null;
    const kept = whatIsKept(deployment, named);
    if (kept.length === 0) {
      if (named !== null && !model.clusters.some(({ name }) => name === named))
        throw new UserError(`there is no cluster "${named}" in ${model.deployment}: ${model.clusters.map(({ name }) => name).join(', ')}`);
      console.log(`nothing to forget: nothing is recorded of ${named ?? model.deployment}`);
      return 0;
    }
    const against = await whatSpeaksAgainst(deployment, named);
    const standing = against.filter(({ forceable }) => !(forceable && options.force));
    if (standing.length > 0) throw new Failure(standing.map(({ found, remedy }) => `${found}\n  ${remedy}`).join('\n'));
    console.log(`dropped for ever, of ${named ?? model.deployment}:\n${kept.map((line) => `  ${line}`).join('\n')}`);
    const subject = named ?? model.deployment;
    if (!options.yes && !(await typedName('forget', subject, `This drops the records above. Type "${subject}" to go on: `))) return 1;
    await drop(deployment, named, lock.descriptor);
    console.log(
      named === null ? `${subject} is forgotten` : `${subject} is forgotten; "npx flotilla up" makes it anew while the fleet file has it`,
    );
    return 0;
  },
});
