import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from './artifact';

/**
 * The content key of every artifact (16 hex digits): its script, inputs, settings and the keys of what it needs.
 * Throws when an artifact needs one that is not in the list, or one another in a circle.
 */
export function artifactKeys(root: string, artifacts: readonly Artifact[]): ReadonlyMap<string, string> {
  const byId = new Map(artifacts.map((artifact) => [artifact.id, artifact]));
  const keys = new Map<string, string>();
  const open = new Set<string>();
  let goVersion: string | undefined;

  function keyOf(id: string, neededBy: string): string {
    const known = keys.get(id);
    if (known !== undefined) return known;
    const artifact = byId.get(id);
    if (!artifact)
      throw new Error(
        `offline artifact "${neededBy}" needs "${id}", which is not in the list: add it to artifacts/artifacts.ts or drop the need`,
      );
    if (open.has(id))
      throw new Error(`offline artifacts ${[...open, id].join(' -> ')} need one another in a circle: remove one of these needs`);
    open.add(id);
    const hash = createHash('sha256');
    hash.update(inKey(JSON.stringify([artifact.id, artifact.script, artifact.settings ?? null])));
    if (artifact.usesGo) {
      goVersion ??= readGoVersion();
      hash.update(goVersion);
    }
    for (const path of [artifact.script, ...artifact.inputs]) hashPath(hash, root, path);
    for (const need of artifact.needs) hash.update(`${need} ${keyOf(need, id)}\n`);
    open.delete(id);
    const key = hash.digest('hex').slice(0, 16);
    keys.set(id, key);
    return key;
  }

  for (const { id } of artifacts) keyOf(id, id);
  return keys;
}

/** A path in a key. The folder was called `offline/` until December 2026: its old name stays in keys, so that existing caches remain valid. */
const inKey = (text: string): string => text.replaceAll(/(^|")artifacts\//g, '$1offline/');

function readGoVersion(): string {
  try {
    const environment = { ...process.env, GOTOOLCHAIN: 'local' };
    return execFileSync('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], {
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    throw new Error('the program "go" did not answer "go env GOVERSION": install Go 1.26 or newer and put it on PATH');
  }
}

function hashPath(hash: ReturnType<typeof createHash>, root: string, path: string): void {
  const full = join(root, path);
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (!stat) {
    hash.update(`absent ${inKey(path)}\n`);
  } else if (stat.isDirectory()) {
    for (const name of readdirSync(full).sort()) hashPath(hash, root, join(path, name));
  } else if (stat.isSymbolicLink()) {
    hash.update(`link ${inKey(path)} ${readlinkSync(full)}\n`);
  } else {
    // Only the execute bit: the rest of the mode depends on the umask of whoever cloned the repository.
    hash.update(`file ${inKey(path)} ${(stat.mode & 0o100) !== 0} ${stat.size}\n`);
    hash.update(readFileSync(full));
  }
}
