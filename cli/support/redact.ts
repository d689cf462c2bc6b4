/** One kind of secret, and what is left in its place. */
export interface Rule {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly by: string;
}

const name =
  '[\\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|certificate[_-]?key|credential)[\\w.-]*';
const dataName =
  'client-key-data|client-certificate-data|certificate-authority-data|ssh-privatekey|tls\\.key|tls\\.crt|ca\\.key|ca\\.crt|\\.dockerconfigjson';
const quote = '\\\\?["\']';

/** Lines that go on; words that follow are shorter, and the name of the next secret may be among them. */
const wrapped = '(?:(?:\\\\n|\\s)+[A-Za-z0-9+/]{20,}={0,2})*';

/** By shape, for what no file of ours tells: the broad ones last. In a JSON a secret may follow the two characters of an escape, `\\n`. A digest with its `sha256:` is no secret and stays. */
export const rules: readonly Rule[] = [
  { kind: 'PEM', pattern: /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g, by: '<PEM>' },
  { kind: 'base64 PEM', pattern: new RegExp(`LS0tLS1CRUdJTi[A-Za-z0-9+/=]*${wrapped}`, 'g'), by: '<base64 PEM>' },
  { kind: 'OpenSSH key body', pattern: new RegExp(`b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=]*${wrapped}`, 'g'), by: '<SSH key>' },
  {
    kind: 'data field',
    pattern: new RegExp(`((?:${dataName})${quote.replace('?', '*')}?\\s*[:=]\\s*(?:${quote})?)[^\\s"',}]+`, 'gi'),
    by: '$1<redacted>',
  },
  { kind: 'web token', pattern: /(?:\b|(?<=\\[nrt]))eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, by: '<JWT>' },
  { kind: 'authorization', pattern: /(?:\b|(?<=\\[nrt]))(Bearer|Basic)\s+[\w.+/=~-]{6,}/gi, by: '$1 <redacted>' },
  { kind: 'credentials in a URL', pattern: /(:\/\/)[^\s/@:"']+:[^\s/@"']+@/g, by: '$1<redacted>@' },
  { kind: 'join token', pattern: /(?:\b|(?<=\\[nrt]))[a-z0-9]{6}\.[a-z0-9]{16}\b/g, by: '<join token>' },
  { kind: 'key in hex', pattern: /(?:(?<![\w:-])|(?<=\\[nrt]))(?<!sha256[:-])[0-9a-f]{64}(?!\w)/gi, by: '<64 hex digits>' },
  {
    kind: 'token of a known maker',
    pattern:
      /(?:\b|(?<=\\[nrt]))(?:hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}|gh[pousr]_\w{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|xox[abprs]-[\w-]{10,}|npm_\w{30,})/g,
    by: '<token>',
  },
  { kind: 'option', pattern: new RegExp(`(--?${name})([ =]+)(?:${quote})?[^\\s"',]+`, 'gi'), by: '$1$2<redacted>' },
  {
    kind: 'named value',
    pattern: new RegExp(`\\b(${name})((?:${quote})?\\s*[:=]\\s*)(?:${quote}[^"'\\\\]*${quote}|[^\\s"',{}\\[\\]]+)`, 'gi'),
    by: '$1$2<redacted>',
  },
];

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
