import { readdirSync, rmSync, type Stats, statSync } from 'node:fs';
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

/** Removes artifacts that no run has used for two weeks. */
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

/** Brings Go's build cache below 6 GiB, oldest entries first: Go makes what it misses again. */
export function trimBuildCache(cacheDir: string): void {
  const folder = join(cacheDir, 'go', 'build');
  // Entries lie in 256 folders of two hex digits; what else is there is Go's own book-keeping.
  const entries = names(folder)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((name) => names(join(folder, name)).map((entry) => join(folder, name, entry)))
    .map((path) => ({ path, stat: statSync(path, { throwIfNoEntry: false }) }))
    .filter((entry): entry is { path: string; stat: Stats } => entry.stat?.isFile() === true)
    .sort((one, other) => one.stat.mtimeMs - other.stat.mtimeMs);
  let excess = entries.reduce((sum, { stat }) => sum + stat.size, 0) - buildCacheLimitGiB * 1024 ** 3;
  for (const { path, stat } of entries) {
    if (excess <= 0) return;
    rmSync(path, { force: true });
    excess -= stat.size;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
