import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { flock, flockCommand } from './flock';

/**
 * Takes the lock `file` and returns what releases it. Waits for another holder after telling `onWait` its process id.
 * The kernel releases it when this process dies, however it dies.
 */
export async function takeLock(file: string, onWait: (holder: string) => void): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a+');
  if (!flock(descriptor, 0)) {
    onWait(readFileSync(file, 'utf8').trim());
    await new Promise<void>((resolve, reject) => {
      const { program, words } = flockCommand(null);
      const waiter = spawn(program, words, { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
      waiter.on('error', reject);
      waiter.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`flock on ${file} ended with ${code}: run the command again`)),
      );
    });
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return () => closeSync(descriptor);
}
