import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { flock } from '../artifacts/flock';
import { Failure } from '../config/failure';
import { endOrphanedProviders } from './terraform/orphans';

/**
 * The deployment's lock, held by this process and by every process that gets the descriptor: Terraform, its scripts, and nothing else.
 * It is gone when the last of them is gone, so a killed `up` whose Terraform still finishes a step keeps it a little longer.
 */
export interface Lock {
  /** To be handed to a child as its descriptor 3. */
  readonly descriptor: number;
}

/** How long a new run waits for the rest of a killed one. A release may be in the middle of its wait. */
const patienceSeconds = 180;

/** @throws Failure when another run holds the lock */
export function takeLock(file: string, verb: string): Lock {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a+');
  if (!flock(descriptor, 0)) {
    const holder = readHolder(file);
    if (holder !== null && isAlive(holder.pid)) {
      throw new Failure(
        `"flotilla ${holder.verb}" (process ${holder.pid}) is at work on this deployment: wait for it or end it, then run this again`,
      );
    }
    console.error(`waiting up to ${patienceSeconds} s for the last steps of a run that was killed`);
    if (!waitForTheRest(descriptor, file)) {
      throw new Failure(
        `${file} is still held after ${patienceSeconds} s: "${whoHolds(file)}" names the processes, end them and run this again`,
      );
    }
  }
  writeFileSync(file, JSON.stringify({ pid: process.pid, verb }));
  return { descriptor };
}

/** A Terraform that is still ending leaves its providers behind whenever it dies, so one look at the beginning is not enough. */
function waitForTheRest(descriptor: number, file: string): boolean {
  for (let second = 0; second < patienceSeconds; second++) {
    endOrphanedProviders(file);
    if (flock(descriptor, 1)) return true;
  }
  return false;
}

/** The command that tells it: BSD's fuser knows no -v. */
const whoHolds = (file: string): string => (process.platform === 'linux' ? `fuser -v ${file}` : `lsof ${file}`);

/** Who is at work on a deployment, by what stands in its lock file; looks only. `null` when nobody is. */
export function holderOf(file: string): { readonly pid: number; readonly verb: string } | null {
  const holder = readHolder(file);
  return holder !== null && isAlive(holder.pid) ? holder : null;
}

function readHolder(file: string): { pid: number; verb: string } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Process ids come again: whoever has this one now must be a run of ours. */
function isAlive(pid: number): boolean {
  // macOS has no /proc, a small Linux no ps.
  if (!existsSync('/proc/self')) return spawnSync('ps', ['-o', 'command=', '-p', String(pid)]).stdout?.includes('node') ?? false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return false;
  }
}
