import { existsSync, readFileSync, renameSync } from 'node:fs';

interface StateResource {
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly index_key?: string }[];
}

/** Addresses of everything that a state file knows; none where there is no file. @throws SyntaxError on a damaged file */
export function stateAddresses(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const { resources = [] } = JSON.parse(readFileSync(file, 'utf8')) as { resources?: readonly StateResource[] };
  return resources
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ type, name, instances }) =>
      instances.map(({ index_key: key }) => `${type}.${name}${key === undefined ? '' : `["${key}"]`}`),
    );
}

/** Sets a state aside on purpose, because what it tells of goes without Terraform. It stays readable beside. */
export function dropState(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.dropped`);
}
