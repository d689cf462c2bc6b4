import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '../../config/package-root';
import { defaultCacheDir } from '../../offline/prepare';
import { unpack } from './chart-tree';
import type { ChartPin } from './lock';

type Named = Pick<ChartPin, 'name' | 'version'>;

/** A chart that is here. */
export interface FoundChart {
  readonly folder: string;
  /** Of its archive; `null` where only the unpacked folder is there, such as a tree of sources. */
  readonly digest: string | null;
}

export const archiveOf = (mirror: string, { name, version }: Named): string => join(mirror, `${name}-${version}.tgz`);
export const folderOf = (mirror: string, { name, version }: Named): string => join(mirror, `${name}-${version}`);

export const digestOf = (archive: string): string => createHash('sha256').update(readFileSync(archive)).digest('hex');

/** The first folder that has the chart, as an archive or unpacked; `null` where none has. Archives are unpacked in the cache, a mirror is only read. */
export function findChart(mirrors: readonly string[], chart: Named, cacheDir = defaultCacheDir()): FoundChart | null {
  for (const mirror of mirrors) {
    const archive = archiveOf(mirror, chart);
    const folder = folderOf(mirror, chart);
    if (existsSync(archive)) {
      const digest = digestOf(archive);
      return { folder: unpackedOnce(archive, join(cacheDir, 'charts', digest)), digest };
    }
    if (existsSync(join(folder, 'Chart.yaml'))) return { folder, digest: null };
  }
  return null;
}

function unpackedOnce(archive: string, folder: string): string {
  if (existsSync(folder)) return folder;
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}.making-`);
  try {
    renameSync(unpack(archive, work), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Definitions that no chart brings, because an operator makes them when it starts: files in the mirrors' `definitions/`. */
export const looseDefinitions = (mirrors: readonly string[]): readonly string[] =>
  mirrors.flatMap((mirror) => {
    const folder = join(mirror, 'definitions');
    return existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')) : [];
  });

/** Charts that a fleet's own folder does not have. */
export const unmirrored = <C extends Named>(charts: readonly C[], mirror: string | null): readonly C[] => {
  if (mirror === null) return charts;
  const folder = resolve(projectRoot(), mirror);
  return charts.filter((chart) => !existsSync(archiveOf(folder, chart)) && !existsSync(join(folderOf(folder, chart), 'Chart.yaml')));
};
