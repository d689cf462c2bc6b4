import { spawnSync } from 'node:child_process';

/** A program that locks the open file it gets as descriptor 3. */
export interface FlockCommand {
  readonly program: string;
  readonly words: readonly string[];
}

/**
 * The lock belongs to the open file, which the program shares with us, so it stays when the program has ended. macOS has no flock program; its perl
 * makes the same system call.
 * @param waitSeconds how long for another holder; 0: not at all, `null`: for ever
 */
export function flockCommand(waitSeconds: number | null, platform: NodeJS.Platform = process.platform): FlockCommand {
  if (platform === 'linux') {
    const options = waitSeconds === null ? [] : waitSeconds === 0 ? ['--nonblock'] : ['--timeout', String(waitSeconds)];
    return { program: 'flock', words: [...options, '3'] };
  }
  const [lockExclusive, nonBlocking] = [2, 4];
  const patience = waitSeconds === null || waitSeconds === 0 ? '' : `$SIG{ALRM} = sub { exit 1 }; alarm(${waitSeconds}); `;
  const how = waitSeconds === 0 ? lockExclusive + nonBlocking : lockExclusive;
  return { program: 'perl', words: ['-e', `${patience}open(F, ">&=3") or exit 2; exit(flock(F, ${how}) ? 0 : 1)`] };
}

/** Whether the lock of an open file could be had. @throws Error where there is no program for it */
export function flock(descriptor: number, waitSeconds: number | null): boolean {
  const { program, words } = flockCommand(waitSeconds);
  const { status, error } = spawnSync(program, words, { stdio: ['ignore', 'ignore', 'inherit', descriptor] });
  if (error)
    throw new Error(`the program "${program}" could not be started (${error.message}): install it (Debian has flock in util-linux)`);
  return status === 0;
}
