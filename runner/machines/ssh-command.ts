import { join } from 'node:path';

/** How a person gets a shell on a node. As scripts/lib/ssh.sh has it, but without batch mode; a stranger at the node's address is refused. */
export function sshCommand(folder: string, { name, address }: { readonly name: string; readonly address: string }): readonly string[] {
  const secrets = join(folder, 'secrets', 'ssh');
  const settings = {
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    StrictHostKeyChecking: 'yes',
    HostKeyAlias: name,
    // Quoted: ssh takes a blank for the beginning of a second file.
    UserKnownHostsFile: `"${join(secrets, 'known_hosts.d', name)}"`,
    GlobalKnownHostsFile: '/dev/null',
    // A machine that is off, or whose bridge is gone, would be waited for for minutes.
    ConnectTimeout: '10',
    LogLevel: 'ERROR',
  };
  return [
    'ssh',
    '-F',
    '/dev/null',
    '-i',
    join(secrets, 'id_ed25519'),
    ...Object.entries(settings).flatMap(([option, value]) => ['-o', `${option}=${value}`]),
    `root@${address}`,
  ];
}
