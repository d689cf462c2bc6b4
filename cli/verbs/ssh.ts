import { spawnSync } from 'node:child_process';
import { UserError } from '../../config/problem';
import { addressOf } from '../run/inventory';
import { sshCommand } from '../run/ssh-command';
import { lookAt } from '../session';
import { defineVerb } from '../verb';

export const ssh = defineVerb({
  name: 'ssh',
  operands: '<node> [command...]',
  summary: 'A shell on a node, or one command there, with the fleet key',
  example: 'flotilla ssh hub-cp-1 -- crictl ps',
  run: async ({ selection, args: [name, ...command] }) => {
    const deployment = lookAt(selection);
    const nodes = deployment.model.clusters.flatMap((cluster) => cluster.nodes);
    const node = nodes.find((candidate) => candidate.name === name);
    if (node === undefined)
      throw new UserError(`there is no node "${name}" in ${deployment.model.deployment}: ${nodes.map((known) => known.name).join(', ')}`);
    const [program, ...options] = sshCommand(deployment.folder, { name: node.name, address: addressOf(deployment, node) });
    const { status } = spawnSync(program!, [...options, ...command], { stdio: 'inherit' });
    return status ?? 1;
  },
});
