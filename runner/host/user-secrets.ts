import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/problem';
import type { ResolvedFleet } from '../../model/resolved-fleet';

const word = /\{([A-Za-z0-9][A-Za-z0-9_-]*)\.brought\}/g;

/**
 * Values that a fleet needs of a person and that are not written yet, by their names.
 * @param folder of the deployment, which need not be there
 */
export function unbrought({ clusters }: ResolvedFleet, folder: string): readonly string[] {
  const texts = clusters.flatMap(({ components }) =>
    components.flatMap(({ secrets }) => secrets.flatMap(({ keys }) => Object.values(keys))),
  );
  const names = new Set(texts.flatMap((text) => [...text.matchAll(word)].map(([, name]) => name!)));
  return [...names].sort().filter((name) => {
    const file = fileOf(folder, name);
    return !existsSync(file) || readFileSync(file, 'utf8').trim() === '';
  });
}

/** Said before anything is made: a machine later, the same would cost minutes. @throws UserError */
export function requireBrought(model: ResolvedFleet, folder: string): void {
  const missing = unbrought(model, folder);
  if (missing.length === 0) return;
  throw new UserError(
    [
      `${model.deployment} needs what only you can know, and nobody has written it yet: ${missing.join(', ')}`,
      `mkdir -p -m 0700 ${fileOf(folder, '')}`,
      ...missing.map((name) => `(umask 077; cat >${fileOf(folder, name)})   # the value, Enter, Ctrl-D`),
    ].join('\n  '),
  );
}

const fileOf = (folder: string, name: string): string => join(folder, 'secrets', 'brought', name);
