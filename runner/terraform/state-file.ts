import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

interface StateResource {
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly instances: readonly {
    readonly index_key?: string;
    readonly attributes?: { readonly id?: string; readonly triggers?: Readonly<Record<string, string>> | null };
  }[];
}

/** Addresses of everything that a state file knows; none where there is no file, or one that Terraform had just opened when it was killed. */
export function stateAddresses(file: string): readonly string[] {
  return (readState(file)?.resources ?? [])
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ type, name, instances }) =>
      instances.map(({ index_key: key }) => `${type}.${name}${key === undefined ? '' : `["${key}"]`}`),
    );
}

/** The same of a state that may have been cut off: as `mendState` would leave it. */
export function mendedAddresses(file: string): readonly string[] {
  const readable = [file, `${file}.backup`].find(isReadable);
  return readable === undefined ? [] : stateAddresses(readable);
}

/** The id that each managed resource got when it was made, by its address. */
export const stateIds = (file: string): ReadonlyMap<string, string> =>
  new Map(
    (readState(file)?.resources ?? [])
      .filter(({ mode }) => mode === 'managed')
      .flatMap(({ type, name, instances }) =>
        instances.map(
          ({ index_key: key, attributes }) => [`${type}.${name}${key === undefined ? '' : `["${key}"]`}`, attributes?.id ?? ''] as const,
        ),
      ),
  );

/** What each HostScript was last run with, by its address. */
export function stateInputs(file: string): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const scripts = (readState(file)?.resources ?? []).filter(({ type }) => type === 'null_resource');
  return new Map(
    scripts.flatMap(({ type, name, instances }) => {
      const input = instances[0]?.attributes?.triggers?.input;
      return input === undefined ? [] : [[`${type}.${name}`, JSON.parse(input)] as const];
    }),
  );
}

function readState(file: string): { readonly resources?: readonly StateResource[] } | null {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text === '' ? null : JSON.parse(text);
}

/** Mends every state of a deployment. @returns a sentence per state that needed it */
export const mendStates = (deployment: string): readonly string[] =>
  readdirSync(join(deployment, 'state'))
    .filter((file) => file.endsWith('.tfstate'))
    .flatMap((file) => mendState(join(deployment, 'state', file)) ?? []);

/**
 * Puts the state before the last change in the place of one that Terraform was killed in the middle of writing. What was made in between is
 * found again: scripts look before they act, releases and namespaces are taken over.
 * @returns what was done, `null` for a state that can be read
 */
export function mendState(file: string): string | null {
  if (isReadable(file)) return null;
  renameSync(file, `${file}.damaged`);
  const backup = `${file}.backup`;
  if (!existsSync(backup) || !isReadable(backup))
    return `${file} was cut off in the middle; it is kept as .damaged and made again from what is there`;
  copyFileSync(backup, file);
  return `${file} was cut off in the middle; it is kept as .damaged, the state before the last change takes its place`;
}

function isReadable(file: string): boolean {
  try {
    readState(file);
    return true;
  } catch {
    return false;
  }
}

/** Sets a state aside on purpose, because what it tells of goes without Terraform. It stays readable beside. */
export function dropState(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.dropped`);
}
