import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

/**
 * Ends the providers whose Terraform was killed and that have this file open: they have nothing left to do, never end by themselves, and
 * would hold what they inherited for ever. Looks at /proc, so it does nothing where there is none.
 */
export function endOrphanedProviders(file: string): void {
  for (const pid of processes().filter((candidate) => isOrphanedProvider(candidate) && hasOpen(candidate, realpathSync(file)))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
}

const processes = (): number[] => attempt(() => readdirSync('/proc').map(Number).filter(Boolean), []);

const programOf = (pid: number): string =>
  attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!, '').replace(/^.*\//, '');

function isOrphanedProvider(pid: number): boolean {
  if (!programOf(pid).startsWith('terraform-provider-')) return false;
  // The fields after the program's name, which may hold blanks: state, parent, …
  const parent = attempt(
    () =>
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    undefined,
  );
  return parent !== undefined && programOf(Number(parent)) !== 'terraform';
}

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
