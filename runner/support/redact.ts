import { type SecretShape, secretShapes } from '../../config/secret-shapes';

/** One kind of secret, and what is left in its place. */
export type Rule = Pick<SecretShape, 'kind' | 'pattern' | 'by'>;

export const rules: readonly Rule[] = secretShapes;

export interface Person {
  readonly home: string;
  readonly user: string;
}

/**
 * The text without secrets: first what the deployment's own secret files hold, letter by letter, then whatever has the shape of a secret, then the
 * person's home folder and name.
 * @param known values that must not be seen whatever they look like
 */
export function redact(text: string, known: readonly string[], person: Person, by: readonly Rule[] = rules): string {
  const withoutKnown = [...known]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '<secret of this deployment>'), text);
  const withoutShapes = by.reduce((rest, rule) => rest.replace(rule.pattern, rule.by), withoutKnown);
  return withoutPerson(withoutShapes, person);
}

/** The name `root` tells nothing about anybody, and is in half of all sentences. */
function withoutPerson(text: string, { home, user }: Person): string {
  const inside = home.length > 1 ? text.replace(new RegExp(`${literal(home)}(?=[/\\s"':,;]|$)`, 'g'), '~') : text;
  return user.length < 3 || user === 'root' ? inside : inside.replace(new RegExp(`(?<![\\w-])${literal(user)}(?![\\w-])`, 'g'), '<user>');
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
