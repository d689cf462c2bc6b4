import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/problem';
import {
  assignAddresses,
  type DeploymentRecord,
  deploymentName,
  firstFreeNetwork,
  type MadeClusters,
  recordSchema,
  type WantedNode,
} from '../../model/deployment-identity';
import { writeAtOnce } from './write-atomically';

export interface Deployment {
  readonly folder: string;
  readonly record: DeploymentRecord;
}

/**
 * Opens or creates `<root>/.flotilla/<deployment>/`; the uid and network that are recorded there stay for ever.
 * `busyCidrs` are the networks in use on this host. Throws UserError when the record is unreadable, is another one's, or no network is free.
 */
export function openDeployment(wanted: {
  readonly root: string;
  readonly fleet: string;
  readonly overlay: string | null;
  readonly provider: string;
  readonly network?: string | undefined;
  /** The fleet file, as `fleetFilePath` gives it; recorded. */
  readonly file?: string | undefined;
  readonly busyCidrs: readonly string[];
}): Deployment {
  const { fleet, overlay, provider, file } = wanted;
  const folder = join(wanted.root, '.flotilla', deploymentName(wanted));
  const recorded = readDeployment(folder);
  if (recorded === null) {
    const network = wanted.network ?? firstFreeNetwork(wanted.busyCidrs);
    const record = {
      uid: randomBytes(3).toString('hex'),
      fleet,
      overlay,
      provider,
      network,
      addresses: {},
      ...(file === undefined ? {} : { file }),
    };
    write(folder, record);
    return { folder, record };
  }
  if (wanted.network !== undefined && wanted.network !== recorded.network) {
    throw new UserError(
      `network ${wanted.network}: the machines of this deployment live in ${recorded.network}, a network stays for the life of a deployment; ` +
        `write ${recorded.network}, or destroy the deployment first`,
    );
  }
  if (file === undefined || file === recorded.file) return { folder, record: recorded };
  const record = { ...recorded, file };
  write(folder, record);
  return { folder, record };
}

/**
 * Refuses a fleet file other than the one that the deployment was made from: two files of one name would take turns deleting each other's clusters.
 * A record without a file, of an older Flotilla, refuses none. Throws UserError.
 */
export function requireOwnFile(record: DeploymentRecord, file: { readonly path: string; readonly asGiven: string }): void {
  if (record.file === undefined || record.file === file.path) return;
  const deployment = deploymentName(record);
  throw new UserError(
    `fleet file ${file.asGiven}: the deployment ${deployment} of this checkout was made from ${record.file}, and one deployment has one fleet file\n` +
      '  for a fleet of its own, give it a different `name:`\n' +
      `  if the file was moved: npx flotilla up --moved --fleet ${file.asGiven}${record.overlay === null ? '' : ` --overlay ${record.overlay}`}\n` +
      `  to take the deployment down: npx flotilla destroy --deployment ${deployment}`,
  );
}

/** Records what the clusters that exist were made with. */
export function recordMade(folder: string, made: MadeClusters): void {
  const record = readDeployment(folder);
  if (record !== null && JSON.stringify(record.made) !== JSON.stringify(made)) write(folder, { ...record, made });
}

/** Puts back the record of a deployment whose folder was lost. Throws UserError when the folder has one: it is never overwritten. */
export function restoreDeployment(folder: string, record: DeploymentRecord): void {
  const recorded = readDeployment(folder);
  if (recorded !== null && recorded.uid !== record.uid) {
    throw new UserError(
      `${folder} is a deployment of its own (uid ${recorded.uid}), ${record.uid} cannot take its place; destroy it first, or work in another checkout`,
    );
  }
  write(folder, recordSchema.parse(record));
}

/** The record in a deployment's folder, `null` when there is none yet. Throws UserError on one that cannot be understood; it is never overwritten. */
export function readDeployment(folder: string): DeploymentRecord | null {
  const file = join(folder, 'deployment.json');
  if (!existsSync(file)) return null;
  const parsed = recordSchema.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${file} cannot be understood: it says which machines on this host are ours, so it is never written anew; ` +
      'put back a copy, or write {uid, fleet, overlay, provider, network, addresses} by hand (the uid is in the name of each machine, f<uid>-<node>)',
  );
}

/** Gives each new node the lowest free address (or the one it asks for) and records it; a node keeps its address until `forgetGoneNodes`. */
export function recordAddresses(deployment: Deployment, nodes: readonly WantedNode[]): Deployment {
  const addresses = assignAddresses(deployment.record, nodes);
  if (Object.keys(addresses).length === Object.keys(deployment.record.addresses).length) return deployment;
  const record = { ...deployment.record, addresses };
  write(deployment.folder, record);
  return { ...deployment, record };
}

/** Drops the addresses of nodes that are neither wanted nor made any more, so that they can be given again. */
export function forgetGoneNodes(folder: string, wanted: readonly string[], made: readonly string[]): void {
  const record = readDeployment(folder);
  if (record === null) return;
  const kept = Object.entries(record.addresses).filter(([node]) => wanted.includes(node) || made.includes(node));
  if (kept.length < Object.keys(record.addresses).length) write(folder, { ...record, addresses: Object.fromEntries(kept) });
}

function write(folder: string, record: DeploymentRecord): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'deployment.json');
  writeAtOnce(file, `${JSON.stringify(record, null, 2)}\n`, { flush: true }, `${file}.${process.pid}.new`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
