import { spawn, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

// macOS has no flock program; its perl makes the same system call on the same descriptor.
const program = process.platform === 'linux' ? 'flock' : 'perl';
const words = (...options: readonly string[]): readonly string[] =>
  program === 'flock' ? [...options, '3'] : ['-e', `open(F, ">&=3") or exit 2; exit(flock(F, ${options.length > 0 ? 6 : 2}) ? 0 : 1)`];

/**
 * Takes the lock `file` and returns what releases it. Waits for another holder after telling `onWait` its process id.
 * The kernel releases it when this process dies, however it dies.
 */
export async function takeLock(file: string, onWait: (holder: string) => void): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a+');
  // The lock belongs to the open file, which `flock` shares with us, so it stays when `flock` has ended.
  const attempt = spawnSync(program, words('--nonblock'), { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
  if (attempt.error)
    throw new Error(
      `the program "${program}" could not be started (${attempt.error.message}): install it (Debian has flock in util-linux)`,
    );
  if (attempt.status !== 0) {
    onWait(readFileSync(file, 'utf8').trim());
    await new Promise<void>((resolve, reject) => {
      const waiter = spawn(program, words(), { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
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
