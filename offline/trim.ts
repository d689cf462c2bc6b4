import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from './artifact';
import { removeTree, temporaryPrefix } from './job';

const unusedDays = 14;
const buildCacheLimitGiB = 6;

/** Removes the half-made folders of runs that died. Call it under the lock only. */
export function removeLeftovers(cacheDir: string): void {
  const artifacts = join(cacheDir, 'artifacts');
  for (const id of names(artifacts)) {
    for (const name of names(join(artifacts, id))) {
      if (name.startsWith(temporaryPrefix)) removeTree(join(artifacts, id, name));
    }
  }
}

/** Removes artifacts that no run has used for two weeks, and Go's build cache when it has outgrown its use. */
export function trim(cacheDir: string, keys: ReadonlyMap<string, string>, artifacts: readonly Artifact[]): void {
  const oldest = Date.now() - unusedDays * 24 * 3600 * 1000;
  for (const { id, usedInPlace } of artifacts) {
    // A stopped machine still stands on the image that it was born from, and nothing here can see it.
    if (usedInPlace) continue;
    const folder = join(cacheDir, 'artifacts', id);
    for (const key of names(folder)) {
      const path = join(folder, key);
      if (key !== keys.get(id) && statSync(path).mtimeMs < oldest) removeTree(path);
    }
  }
}

/** Empties Go's build cache when it is larger than 6 GiB: the programs are kept, the next build is a cold one. */
export function trimBuildCache(cacheDir: string): void {
  const folder = join(cacheDir, 'go', 'build');
  const bytes = names(folder).reduce((sum, name) => sum + folderBytes(join(folder, name)), 0);
  if (bytes > buildCacheLimitGiB * 1024 ** 3) removeTree(folder);
}

function folderBytes(path: string): number {
  const stat = statSync(path);
  return stat.isDirectory() ? names(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0) : stat.size;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
