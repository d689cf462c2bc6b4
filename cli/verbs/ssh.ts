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
    const { status } = spawnSync('ssh', [...sshOptions(deployment.folder, node.name), `root@${node.address}`, ...command], {
      stdio: 'inherit',
    });
    return status ?? 1;
  },
});

/** As scripts/lib/ssh.sh has them, but for a person: no batch mode. A stranger at the node's address is refused. */
function sshOptions(folder: string, node: string): readonly string[] {
  const secrets = join(folder, 'secrets', 'ssh');
  const settings = {
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    StrictHostKeyChecking: 'yes',
    HostKeyAlias: node,
    // Quoted: ssh takes a blank for the beginning of a second file.
    UserKnownHostsFile: `"${join(secrets, 'known_hosts.d', node)}"`,
    GlobalKnownHostsFile: '/dev/null',
    LogLevel: 'ERROR',
  };
  return [
    '-F',
    '/dev/null',
    '-i',
    join(secrets, 'id_ed25519'),
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
}
