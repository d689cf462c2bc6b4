import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { optionalFolder } from '../../artifacts/optional';
import { defaultCacheDir } from '../../artifacts/prepare';

/** An optional program where it was built before: tests never build one. */
function here(id: string, file: string): string | null {
  try {
    const folder = optionalFolder({ root: resolve(__dirname, '../..'), cacheDir: defaultCacheDir() }, id);
    return folder !== null && existsSync(`${folder}/${file}`) ? `${folder}/${file}` : null;
  } catch {
    return null;
  }
}

export const helmHere = here('helm', 'helm');
export const kubeconformHere = here('kubeconform', 'kubeconform');
export const queryCheckHere = here('query-check', 'query-check');
export const schemasHere = here('kubernetes-schemas', 'definitions.json')?.replace(/\/definitions\.json$/, '') ?? null;

const missing = (program: string): void =>
  console.log(`${program} was not built here (flotilla charts verify builds it): not proven what it would render or refuse`);
if (helmHere === null) missing('helm');
if (queryCheckHere === null) missing('query-check');

/** A group of tests that needs Helm; skipped, and said so, where it was not built. */
export const whenHelm = helmHere === null ? describe.skip : describe;
export const whenAll = helmHere === null || kubeconformHere === null || schemasHere === null ? describe.skip : describe;
