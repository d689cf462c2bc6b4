import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Memory that machines of other deployments on this host use right now, MiB, without what the kernel only caches for them. Their memoryMiB is a
 * ceiling and no reservation, so it is not what they hold.
 */
export function heldByOthersMiB(uid: string, root = '/sys/fs/cgroup'): number {
  const groups = machineGroups(existsSync(join(root, 'memory')) ? join(root, 'memory') : root);
  const others = groups.filter((group) => !basename(group).startsWith(`f${uid}-`));
  return Math.round(others.reduce((sum, group) => sum + usedBytes(group), 0) / 2 ** 20);
}

function machineGroups(root: string): readonly string[] {
  try {
    const uid = '[0-9a-f]'.repeat(6);
    return execFileSync('find', [root, '-type', 'd', '-name', `f${uid}-*`, '-prune', '-print'], { encoding: 'utf8', stdio: 'pipe' })
      .split('\n')
      .filter(Boolean);
  } catch (error) {
    // Groups come and go while find looks, which it reports as an error.
    return ((error as { stdout?: string }).stdout ?? '').split('\n').filter(Boolean);
  }
}

/** `total_rss` is cgroup v1's word, `anon` that of v2. */
function usedBytes(group: string): number {
  try {
    const found = /^(?:total_rss|anon) (\d+)$/m.exec(readFileSync(join(group, 'memory.stat'), 'utf8'));
    return Number(found?.[1] ?? 0);
  } catch {
    return 0;
  }
}
