import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChartPin } from '../artifacts/charts/lock';

/** Versions of a chart that its repository lists, with the SHA-256 of their archives; `null` where the list has none. */
export interface KnownVersions {
  /** Path of the list below the folder of charts. */
  readonly file: string;
  readonly versions: ReadonlyMap<string, string | null>;
}

/**
 * What a folder of charts knows of a chart's repository: `indices/<repository without scheme>/index.yaml`, as `wget -x -P indices` writes it, and for an OCI
 * registry `indices/<repository without scheme>/<chart>/tags/list`, the answer of its API. `null` where no folder has either.
 */
export function knownVersions(mirrors: readonly string[], { repository, name }: ChartPin): KnownVersions | null {
  const place = join('indices', repository.replace(/^\w+:\/\//, ''));
  for (const mirror of mirrors) {
    const index = join(place, 'index.yaml');
    if (existsSync(join(mirror, index))) return { file: index, versions: versionsIn(readFileSync(join(mirror, index), 'utf8'), name) };
    const tags = join(place, name, 'tags', 'list');
    if (existsSync(join(mirror, tags))) return { file: tags, versions: versionsInTags(readFileSync(join(mirror, tags), 'utf8')) };
  }
  return null;
}

// A tag has no `+`: Helm writes `_` in its place.
const versionsInTags = (text: string): ReadonlyMap<string, null> =>
  new Map(((JSON.parse(text) as { tags?: string[] | null }).tags ?? []).map((tag) => [tag.replace('_', '+'), null]));

/** Versions of one chart in the text of an index. An index has megabytes of other things: only the chart's own lines are looked at. */
export function versionsIn(text: string, chart: string): ReadonlyMap<string, string | null> {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^ +\S/.test(line) && line.trim().replaceAll(/["']/g, '') === `${chart}:`);
  if (start < 0) return new Map();
  const indent = indentOf(lines[start]!);
  const length = lines.slice(start + 1).findIndex((line) => line.trim() !== '' && (indentOf(line) < indent || isKeyAt(line, indent)));
  const block = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const versions = new Map<string, string | null>();
  const dash = indentOf(block[0] ?? '');
  let entry: { version?: string; digest?: string } = {};
  const close = (): void => {
    if (entry.version !== undefined) versions.set(entry.version, entry.digest ?? null);
    entry = {};
  };
  for (const line of block) {
    if (indentOf(line) === dash && line.trimStart().startsWith('-')) close();
    const [, key, value] = new RegExp(`^ {${dash}}[ -] (version|digest): *["']?([^\\s"']+)`).exec(line) ?? [];
    if (key !== undefined) entry = { ...entry, [key]: value!.replace(/^sha256:/, '') };
  }
  close();
  return versions;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;
const isKeyAt = (line: string, indent: number): boolean => indentOf(line) === indent && !line.trimStart().startsWith('-');

/** Order of two versions by semver: negative when the first is older. A `v` before them makes no difference. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  for (let index = 0; index < 3; index++)
    if (a.numbers[index] !== b.numbers[index]) return (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
  // A version without suffix comes after its pre-releases.
  if (a.suffix === '' || b.suffix === '') return Number(a.suffix === '') - Number(b.suffix === '');
  return a.suffix.localeCompare(b.suffix, 'en', { numeric: true });
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly suffix: string } {
  const [core = '', ...suffix] = version.replace(/^v/, '').split('+')[0]!.split('-');
  return { numbers: core.split('.').map(Number), suffix: suffix.join('-') };
}
