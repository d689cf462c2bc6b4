import { catalog } from '../../components';
import type { BrokenRule, RuleFacts } from '../rules/rule';
import { unknownComponent } from '../rules/unknown-component';
import { idleValues } from '../rules/unused-values';
import { sentence } from './problem';

/** Values and secrets that no component of the set gets. */
export function idleFaults(facts: RuleFacts): readonly string[] {
  const here = new Set(facts.catalog.map(({ id }) => id));
  // Without roles: known by its name, and not installed.
  const elsewhere = catalog.filter(({ id }) => !here.has(id)).map((component) => ({ ...component, roles: [] }));
  const known = { ...facts, catalog: [...facts.catalog, ...elsewhere] };
  return [unknownComponent, idleValues].flatMap((rule) => rule.check(known)).map((one) => sentence({ ...one, path: propPath(one.path) }));
}

/** `clusters[0].components.secrets.vault` of a fleet file is `userSecrets.vault` in props. */
function propPath([, , , field, ...rest]: BrokenRule['path']): BrokenRule['path'] {
  return [field === 'secrets' ? 'userSecrets' : field!, ...rest];
}
