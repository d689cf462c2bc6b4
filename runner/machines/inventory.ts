import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedNode } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';

/** What is known of a machine that was made, as its machine-up.sh wrote it. */
export interface MadeNode {
  readonly node: string;
  readonly cluster: string;
  readonly role: string;
  readonly address: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  /** Of the first node of a kind cluster: ports of the host's loopback address and the ports of the node that they lead to. */
  readonly hostPorts?: readonly { readonly host: number; readonly node: number }[];
}

/** The record of a node's machine, `null` before it is made. */
export function madeNode({ folder }: Pick<Deployment, 'folder'>, node: string): MadeNode | null {
  const file = join(folder, 'nodes', `${node}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MadeNode) : null;
}

/** Where a node is reached: what its machine was given, else what the fleet says; `-` while nobody can know. */
export function addressOf(deployment: Deployment, node: ResolvedNode): string {
  const made = madeNode(deployment, node.name)?.address;
  return made ?? (deployment.model.provider.addresses === 'leased' ? '-' : node.address);
}
