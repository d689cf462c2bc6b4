import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { UserError } from '../../config/problem';
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
    const key = join(deployment.folder, 'secrets', 'ssh');
    const options = [
      '-i',
      join(key, 'id_ed25519'),
      '-o',
      `UserKnownHostsFile=${join(key, 'known_hosts.d', node.name)}`,
      '-o',
      `HostKeyAlias=${node.name}`,
    ];
    const { status } = spawnSync(
      'ssh',
      [
        ...options,
        '-F',
        '/dev/null',
        '-o',
        'StrictHostKeyChecking=yes',
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'LogLevel=ERROR',
        `root@${node.address}`,
        ...command,
      ],
      {
        stdio: 'inherit',
      },
    );
    return status ?? 1;
  },
});
