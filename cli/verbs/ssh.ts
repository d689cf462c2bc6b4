import { spawnSync } from 'node:child_process';
import { UserError } from '../../config/problem';
import { lookAt } from '../../runner/session';
import { shellCommand } from '../../runner/shell-command';
import { defineVerb } from '../verb';

export const ssh = defineVerb({
  name: 'ssh',
  operands: '<node> [command...]',
  summary: 'A shell on a node, or one command there: with the fleet key, by docker where it is a container',
  example: 'npx flotilla ssh hub-cp-1 -- crictl ps',
  run: async ({ selection, args: [name, ...command] }) => {
    const deployment = lookAt(selection);
    const nodes = deployment.model.clusters.flatMap((cluster) => cluster.nodes);
    const node = nodes.find((candidate) => candidate.name === name);
    if (node === undefined)
      throw new UserError(`there is no node "${name}" in ${deployment.model.deployment}: ${nodes.map((known) => known.name).join(', ')}`);
    const [program, ...words] = shellCommand(deployment, node, command, process.stdin.isTTY);
    const { status } = spawnSync(program!, words, { stdio: 'inherit', env: deployment.environment });
    return status ?? 1;
  },
});
