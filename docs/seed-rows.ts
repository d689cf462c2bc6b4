import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../config/package-root';

/**
 * One feature of a seed, and where it is here: one bullet, one line of a table or one setting, whether it is here or not. Where `says` names several, they stand
 * between semicolons, and each counts. A row answers by `is` (looked up in the resolved fleet), by `holds` (texts of a file), by `instead` with
 * `because`, or by `later`; `instead` may have the others beside it, as proof of what is said.
 */
export interface SeedRow {
  /** Number of the seed and its part, such as `003 7.5`. */
  readonly seed: string;
  /** A row without `instead` and `later` promises every number in it: the test looks for them in `is` and `holds`. */
  readonly says: string;
  /** `<cluster> <component>`, `<cluster>` for what is not of a component, or `fleet`. */
  readonly of?: string;
  /** Path below that, see `look` → the value there. */
  readonly is?: Readonly<Record<string, unknown>>;
  /** File of this repository → texts that it has to hold. */
  readonly holds?: Readonly<Record<string, readonly string[]>>;
  readonly instead?: string;
  readonly because?: string;
  /** What it waits for, where it is not part of the platform. */
  readonly later?: string;
}

/** `fleet` is the file of fleets/ that realizes the seeds. */
export interface SeedFile {
  readonly fleet: string;
  readonly seeds: string;
  readonly rows: readonly SeedRow[];
}

/** The files below docs/seeds, those of one fleet together. */
export function seedFiles(): readonly SeedFile[] {
  const folder = join(packageRoot(), 'docs', 'seeds');
  const all = readdirSync(folder)
    .sort()
    .map((file) => parse(readFileSync(join(folder, file), 'utf8')) as SeedFile);
  const fleets = [...new Set(all.map(({ fleet }) => fleet))];
  return fleets.map((fleet) => {
    const ofFleet = all.filter((file) => file.fleet === fleet);
    return { ...ofFleet[0]!, rows: ofFleet.flatMap(({ rows }) => rows) };
  });
}

/** How many features a row stands for. */
export const featuresOf = ({ says }: Pick<SeedRow, 'says'>): number => says.split(/; /).length;
