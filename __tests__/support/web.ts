import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Web {
  readonly url: string;
  readonly end: () => void;
}

/** Serves a folder on the loopback address. */
export async function serve(folder: string): Promise<Web> {
  const child = spawn(process.execPath, [join(__dirname, 'web-server.cjs'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  return { url: `http://127.0.0.1:${String(port).trim()}`, end: () => child.kill() };
}
