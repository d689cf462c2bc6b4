import { Failure } from '../config/failure';
import { UserError } from '../config/problem';
import type { ResolvedNode } from '../model/resolved-fleet';
import type { Deployment } from './deployment/deployment';
import { addressOf, madeNode } from './machines/inventory';
import { sshCommand } from './machines/ssh-command';

/**
 * What gives a person a shell on a node, or runs one command line there: SSH, or Docker where a node is a container.
 * @param isTerminal whether somebody sits before it
 * @throws UserError where there is no way, Failure where there is no machine yet
 */
export function shellCommand(
  deployment: Deployment,
  node: ResolvedNode,
  command: readonly string[],
  isTerminal: boolean,
): readonly string[] {
  const { provider } = deployment.model;
  if (provider.brings === 'machines' && madeNode(deployment, node.name) === null)
    throw new Failure(`${node.name} has no machine yet: run "npx flotilla up"`);
  if (provider.brings === 'machines')
    return [...sshCommand(deployment.folder, { name: node.name, address: addressOf(deployment, node) }), ...command];
  if (provider.id !== 'kind')
    throw new UserError(`${node.name} is no machine of ours: how to get into it only its provider "${provider.id}" knows`);
  const inside = command.length === 0 ? ['bash'] : ['bash', '-c', command.join(' ')];
  return ['docker', 'exec', '--interactive', ...(isTerminal ? ['--tty'] : []), node.name, ...inside];
}
