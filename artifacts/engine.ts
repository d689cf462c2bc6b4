import { existsSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact, MadeArtifact, PrepareEvent } from './artifact';
import { defaultJobs, Eta } from './eta';
import { logFile, runJob } from './job';
import { artifactKeys } from './keys';
import { takeLock } from './lock';
import { removeLeftovers, trim, trimBuildCache } from './trim';

export interface EngineOptions {
  readonly root: string;
  readonly cacheDir: string;
  readonly artifacts: readonly Artifact[];
  /** Ids to make, with all that they need; everything when left out. */
  readonly only?: readonly string[] | undefined;
  readonly onEvent: (event: PrepareEvent) => void;
  /** How many scripts run side by side (default 2). */
  readonly jobs?: number;
}

/** Where an artifact of this key is or will be. */
export function artifactFolder(cacheDir: string, id: string, key: string): string {
  return join(cacheDir, 'artifacts', id, key);
}

/** The artifacts named in `only` and all that they need, in the order of the list. */
export function closure(artifacts: readonly Artifact[], only?: readonly string[]): readonly Artifact[] {
  if (!only) return artifacts;
  const byId = new Map(artifacts.map((artifact) => [artifact.id, artifact]));
  const wanted = new Set<string>();
  const visit = (id: string): void => {
    const artifact = byId.get(id);
    if (!artifact) throw new Error(`there is no offline artifact "${id}": use one of ${[...byId.keys()].join(', ')}`);
    if (wanted.has(id)) return;
    wanted.add(id);
    artifact.needs.forEach(visit);
  };
  only.forEach(visit);
  return artifacts.filter(({ id }) => wanted.has(id));
}

/**
 * Makes what is missing, at most `jobs` at once, and returns all of it in the order of the list.
 * A failure stops only what needs the failed artifact; at the end all failures are thrown as one error.
 */
export async function make(options: EngineOptions): Promise<readonly MadeArtifact[]> {
  const { root, cacheDir, onEvent, jobs = defaultJobs } = options;
  const keys = artifactKeys(root, options.artifacts);
  const wanted = closure(options.artifacts, options.only);
  const folderOf = (id: string): string => artifactFolder(cacheDir, id, keys.get(id)!);
  const onWait = (holder: string): void =>
    onEvent({
      type: 'waiting',
      id: 'lock',
      summary: `another preparation is at work (process ${holder || 'unknown'}); waiting for it to end`,
    });
  const release = await takeLock(join(cacheDir, 'lock'), onWait);
  try {
    removeLeftovers(cacheDir);
    const seconds = new Map<string, number | null>();
    const failures: Error[] = [];
    const pending = new Map<string, Artifact>();
    for (const artifact of wanted) {
      if (existsSync(folderOf(artifact.id))) {
        seconds.set(artifact.id, null);
        onEvent({ type: 'cached', id: artifact.id, summary: artifact.summary });
      } else {
        pending.set(artifact.id, artifact);
      }
    }
    const eta = new Eta([...pending.values()], jobs);
    const running = new Map<string, Promise<void>>();

    const run = async (artifact: Artifact): Promise<void> => {
      const { id, summary } = artifact;
      const startedAt = Date.now();
      eta.start(id);
      onEvent({ type: 'start', id, summary, etaSeconds: eta.seconds(), log: logFile(cacheDir, id) });
      try {
        const needs = Object.fromEntries(artifact.needs.map((need) => [need, folderOf(need)]));
        const isCurrent = (): boolean => artifactKeys(root, options.artifacts).get(id) === keys.get(id);
        await runJob(artifact, { root, cacheDir, folder: folderOf(id), needs, isCurrent });
        const took = (Date.now() - startedAt) / 1000;
        seconds.set(id, took);
        eta.finish(id);
        onEvent({ type: 'done', id, summary, seconds: took, etaSeconds: eta.seconds() });
      } catch (error) {
        failures.push(error as Error);
        eta.fail(id);
        onEvent({ type: 'failed', id, summary, seconds: (Date.now() - startedAt) / 1000, log: logFile(cacheDir, id) });
      } finally {
        running.delete(id);
      }
    };

    for (;;) {
      for (const artifact of [...pending.values()]) {
        if (running.size >= jobs) break;
        if (!artifact.needs.every((need) => seconds.has(need))) continue;
        pending.delete(artifact.id);
        running.set(artifact.id, run(artifact));
      }
      if (running.size === 0) break;
      await Promise.race(running.values());
    }

    if (failures.length > 0) {
      const skipped = [...pending.keys()];
      const consequence = skipped.length > 0 ? `\nNot begun, because they need it: ${skipped.join(', ')}` : '';
      throw new Error(failures.map((failure) => failure.message).join('\n\n') + consequence);
    }
    for (const { id } of wanted) touch(folderOf(id));
    trim(cacheDir, keys, options.artifacts);
    if (wanted.some(({ id, usesGo }) => usesGo && seconds.get(id) !== null)) trimBuildCache(cacheDir);
    return wanted.map(({ id, standInFor }) => ({
      id,
      key: keys.get(id)!,
      folder: folderOf(id),
      seconds: seconds.get(id) ?? null,
      ...(standInFor === undefined ? {} : { standInFor }),
    }));
  } finally {
    release();
  }
}

/** Age is counted from the last use, not from the making. */
function touch(folder: string): void {
  const now = new Date();
  mkdirSync(folder, { recursive: true });
  utimesSync(folder, now, now);
}
