import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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

/** The first folder that has the chart, unpacked or as an archive beside which it is then unpacked; `null` where none has. */
export function findChart(mirrors: readonly string[], chart: Named): FoundChart | null {
  for (const mirror of mirrors) {
    const archive = archiveOf(mirror, chart);
    const folder = folderOf(mirror, chart);
    if (existsSync(archive)) return { folder: existsSync(folder) ? folder : unpacked(archive, folder), digest: digestOf(archive) };
    if (existsSync(join(folder, 'Chart.yaml'))) return { folder, digest: null };
  }
  return null;
}

/** Puts the content of an archive in the place of a folder, all at once. */
export function unpacked(archive: string, folder: string): string {
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}.making-`);
  const chart = unpack(archive, work);
  rmSync(folder, { recursive: true, force: true });
  renameSync(chart, folder);
  rmSync(work, { recursive: true });
  return folder;
}
