import { Failure } from '../../config/failure';
import { UserError } from '../../config/problem';
import { adoptDeployment, adoptMachine } from '../../runner/machines/adopt';
import { workOn } from '../../runner/session';
import { defineVerb } from '../verb';

export const adopt = defineVerb<{ uid?: string }>({
  name: 'adopt',
  operands: '[node]',
  summary: 'Take over, on purpose, machines of a deployment whose folder was lost (--uid), or a machine of this one that lost its mark',
  example: 'npx flotilla adopt --uid 3fa81c      # "npx flotilla doctor" names the uid; "npx flotilla up" then makes the state again',
  options: [['--uid <uid>', 'of a deployment on this host whose folder is gone']],
  run: async ({ selection, options, args: [node] }) => {
    if ((options.uid === undefined) === (node === undefined))
      throw new UserError('adopt wants one of two: "--uid <uid>" for a lost deployment, or the name of a node of this one');
    if (node !== undefined) {
      const { deployment, lock } = workOn(selection, 'adopt');
      const known = deployment.model.clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name));
      if (!known.includes(node)) throw new UserError(`there is no node "${node}" in ${deployment.model.deployment}: ${known.join(', ')}`);
      await adoptMachine(deployment, node, lock.descriptor);
      console.log(`${node} is marked as ours; next: npx flotilla up`);
      return 0;
    }
    const { claim, folder, nodes, left } = await adoptDeployment(options.uid!);
    console.log(`${claim.deployment} (uid ${claim.uid}) is this checkout's now: ${folder}`);
    console.log(`  machines: ${nodes.length === 0 ? 'none' : nodes.join(', ')}; each has a new SSH key`);
    console.log('  lost for good: the old SSH key, the logs, and the Terraform state, which up makes again from what it finds');
    for (const [name, why] of left) console.error(`${name} is not taken over: ${why}`);
    const overlay = claim.overlay ? ` --overlay ${claim.overlay}` : '';
    console.log(`next: npx flotilla up --fleet ${claim.fleet}${overlay}   # with the fleet file that it had`);
    if (left.size > 0)
      throw new Failure(
        `${left.size} machines are left; "npx flotilla destroy --deployment ${claim.deployment}" removes them with the others`,
      );
    return 0;
  },
});
