import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

/** A process, as far as it matters here. */
interface Process {
  readonly parent: number;
  /** Name of its program, without the folder. */
  readonly program: string;
}

/** How the processes of a host are looked at. */
interface Look {
  /** Who has the file open. */
  readonly holders: (file: string) => readonly number[];
  /** `null`: it is gone. */
  readonly read: (pid: number) => Process | null;
}

/**
 * Ends the providers whose Terraform was killed and that have this file open: they have nothing left to do, never end by themselves, and
 * would hold what they inherited for ever.
 */
export function endOrphanedProviders(file: string, look: Look = existsSync('/proc/self') ? byProc : byPrograms): void {
  for (const pid of look.holders(realpathSync(file)).filter((holder) => isOrphanedProvider(holder, look))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
}

function isOrphanedProvider(pid: number, { read }: Look): boolean {
  const provider = read(pid);
  if (provider === null || !provider.program.startsWith('terraform-provider-')) return false;
  return read(provider.parent)?.program !== 'terraform';
}

const baseName = (path: string): string => path.replace(/^.*\//, '');

const byProc: Look = {
  holders: (file) => attempt(() => readdirSync('/proc').map(Number).filter(Boolean), []).filter((pid) => hasOpen(pid, file)),
  read: (pid) =>
    attempt(() => {
      const program = baseName(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!);
      // The fields after the program's name, which may hold blanks: state, parent, …
      const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return { program, parent: Number(parent) };
    }, null),
};

/** macOS has no /proc. */
export const byPrograms: Look = {
  holders: (file) => said('lsof', '-t', '--', file).split('\n').map(Number).filter(Boolean),
  read: (pid) => {
    const found = /^\s*(\d+)\s+(.+)$/m.exec(said('ps', '-o', 'ppid=', '-o', 'comm=', '-p', String(pid)));
    return found === null ? null : { parent: Number(found[1]), program: baseName(found[2]!.trim()) };
  },
};

const said = (program: string, ...args: string[]): string => spawnSync(program, args, { encoding: 'utf8', env: process.env }).stdout ?? '';

const hasOpen = (pid: number, file: string): boolean =>
  attempt(() => readdirSync(`/proc/${pid}/fd`), []).some(
    (descriptor) => attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`), '') === file,
  );

/** Processes come and go while one looks. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
