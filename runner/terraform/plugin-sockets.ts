import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The word by which go-plugin is told where a plugin of Terraform opens its socket; without it that is $TMPDIR. */
const word = 'PLUGIN_UNIX_SOCKET_DIR';
/** The name that it gives to a socket, at its longest, and the slash before it. */
const nameBytes = '/plugin4294967295'.length;
/** What fits into an address of a socket on a Mac; Linux takes four more. */
const addressBytes = 103;

const parent = (deployment: string): string => join(deployment, 'tmp');

/**
 * Environment by which plugins of Terraform open their sockets in the deployment's folder: those of a run that is killed would stay in /tmp for good. Empty
 * where the folder's path is too long for a socket.
 */
export function socketEnvironment(deployment: string): Readonly<Record<string, string>> {
  const folder = join(parent(deployment), String(process.pid));
  return Buffer.byteLength(folder) + nameBytes > addressBytes ? {} : { [word]: folder };
}

const made = new Set<string>();

/** Makes the folder that an environment names, until this process ends. */
export function makeSocketFolder(environment: NodeJS.ProcessEnv): void {
  const folder = environment[word];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (made.has(folder)) return;
  made.add(folder);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

/** Removes what runs have left that were killed. To be called under the deployment's lock: their Terraform holds it as long as it lives. */
export function removeDeadSockets(deployment: string): void {
  mkdirSync(parent(deployment), { recursive: true });
  for (const run of readdirSync(parent(deployment)))
    if (!isAlive(Number(run))) rmSync(join(parent(deployment), run), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
