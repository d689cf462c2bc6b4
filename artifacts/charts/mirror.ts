import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '../../config/package-root';
import { defaultCacheDir } from '../prepare';
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

export const digestOf = (archive: string): string => createHash('sha256').update(readFileSync(archive)).digest('hex');

/**
 * The first folder that has the chart, as an archive or unpacked; `null` where none has. Archives are unpacked in the cache, a mirror is only read.
 * @throws UserError for an archive that cannot be unpacked
 */
export function findChart(mirrors: readonly string[], chart: Named, cacheDir = defaultCacheDir()): FoundChart | null {
  for (const mirror of mirrors) {
    const place = placeOf(mirror, chart);
    if (place === null) continue;
    if (!place.endsWith('.tgz')) return { folder: place, digest: null };
    const digest = digestOf(place);
    return { folder: unpackedOnce(place, join(cacheDir, 'charts', digest)), digest };
  }
  return null;
}

/**
 * Where a mirror has a chart: `<name>-<version>.tgz` or that folder, `<name>/<version>`, `<name>` when its Chart.yaml says that version; each also in a folder
 * of its repository, one level down. A `v` before the version makes no difference.
 */
function placeOf(mirror: string, { name, version }: Named): string | null {
  const bare = version.replace(/^v/, '');
  const versions = version === bare ? [version, `v${bare}`] : [version, bare];
  for (const folder of [mirror, ...foldersIn(mirror)]) {
    for (const one of versions) {
      for (const place of [
        `${name}-${one}`,
        join(name, one),
        join(name, one, name),
        join(name, one, `${name}-${one}`),
        join(name, `${name}-${one}`),
      ]) {
        if (existsSync(join(folder, `${place}.tgz`))) return join(folder, `${place}.tgz`);
        if (existsSync(join(folder, place, 'Chart.yaml'))) return join(folder, place);
      }
    }
    if (versions.includes(toldVersion(join(folder, name)) ?? '')) return join(folder, name);
  }
  return null;
}

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const foldersIn = (folder: string): readonly string[] =>
  isFolder(folder)
    ? readdirSync(folder)
        // What a pull that was killed has left behind.
        .filter((entry) => !entry.startsWith('.'))
        .map((entry) => join(folder, entry))
        // Links count too. A chart has subcharts of its own: those are not what is looked for.
        .filter((entry) => isFolder(entry) && !existsSync(join(entry, 'Chart.yaml')))
    : [];

function toldVersion(folder: string): string | null {
  const file = join(folder, 'Chart.yaml');
  return existsSync(file) ? (/^version: *["']?([^\s"']+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? null) : null;
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
  return charts.filter((chart) => placeOf(folder, chart) === null);
};
