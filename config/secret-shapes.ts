/** One kind of secret that is recognised by its shape. The support archive redacts all of them. */
export interface SecretShape {
  readonly kind: string;
  /** Matches globally, also inside a JSON text. */
  readonly pattern: RegExp;
  /** What a redacted text has in its place. */
  readonly by: string;
  /** What of it a fleet file must not hold; the first group may be shown. `false`: only redacted, because a fleet file has good reasons for such a text. */
  readonly refused: RegExp | false;
}

/** In a JSON text a secret may follow the two characters of an escape, `\\n`. */
const start = '(?:\\b|(?<=\\\\[nrt]))';
const quote = '\\\\?["\']';
/** Lines that continue a base64 text; words that follow it are shorter. */
const wrapped = '(?:(?:\\\\n|\\s)+[A-Za-z0-9+/]{20,}={0,2})*';
const pemBody = '[\\s\\S]*?(?:-----END [A-Z0-9 ]+-----|$)';
/** The start of a PEM block in base64; certificates and public keys are no secrets. */
const base64Pem = (next: string): string => `LS0tLS1CRUdJTi(?${next}BDRVJU|BQVUJM)[A-Za-z0-9+/=]*${wrapped}`;

const words =
  '[\\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|certificate[_-]?key|credential)[\\w.-]*';
const dataFields =
  'client-key-data|client-certificate-data|certificate-authority-data|ssh-privatekey|tls\\.key|tls\\.crt|ca\\.key|ca\\.crt|\\.dockerconfigjson';

/** A shape whose first group is a prefix that may be shown, refused and redacted alike. */
function prefixed(kind: string, source: string, flags = ''): SecretShape {
  return { kind, pattern: new RegExp(source, `g${flags}`), by: '$1<redacted>', refused: new RegExp(source, flags) };
}
const redacted = (kind: string, pattern: RegExp, by: string, refused: RegExp | false = false): SecretShape => ({
  kind,
  pattern,
  by,
  refused,
});

/**
 * The one catalogue of what secrets look like, the broad shapes last. A word that a chart or Terraform fills in is not a secret, so braces and dollars end a
 * match. A digest with its `sha256:` is not a secret either.
 */
export const secretShapes: readonly SecretShape[] = Object.freeze([
  redacted(
    'a private key',
    new RegExp(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----${pemBody}`, 'g'),
    '<private key>',
    /(-----BEGIN) [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/,
  ),
  redacted('a certificate', new RegExp(`-----BEGIN (?![A-Z0-9 ]*PRIVATE KEY)[A-Z0-9 ]+-----${pemBody}`, 'g'), '<PEM>'),
  prefixed('a Slack webhook', '(hooks\\.slack\\.com/)(?:services|workflows|triggers)/[^\\s\\\\{$"\']+', 'i'),
  prefixed('a Discord webhook', '(discord(?:app)?\\.com/api/webhooks/)[^\\s\\\\{$"\']+', 'i'),
  prefixed('a Teams webhook', '(webhook\\.office\\.com/)webhookb2/[^\\s\\\\{$"\']+', 'i'),
  redacted('a private key in base64', new RegExp(base64Pem('!'), 'g'), '<base64 PEM>', /(LS0tLS1)CRUdJTi(?!BDRVJU|BQVUJM)/),
  redacted('a certificate in base64', new RegExp(base64Pem('='), 'g'), '<base64 PEM>'),
  redacted('an OpenSSH private key', new RegExp(`b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=]*${wrapped}`, 'g'), '<SSH key>', /(b3BlbnNz)aC1rZXktdjE/),
  redacted(
    'a field of a kubeconfig or Secret',
    new RegExp(`((?:${dataFields})${quote.replace('?', '*')}?\\s*[:=]\\s*(?:${quote})?)[^\\s"',}]+`, 'gi'),
    '$1<redacted>',
    /((?:client-key-data|ssh-privatekey|tls\.key|ca\.key|\.dockerconfigjson)\\?["']?\s*[:=]\s*\\?["']?)[A-Za-z0-9+/]{16,}/i,
  ),
  prefixed('a registry login', '(eyJhdXRocyI6|eyAiYXV0aHMi|\\\\?"auth\\\\?"\\s*:\\s*\\\\?")[A-Za-z0-9+/]{6,}={0,2}'),
  redacted(
    'a web token',
    new RegExp(`${start}eyJ[\\w-]{8,}\\.[\\w-]+(?:\\.[\\w-]*)?`, 'g'),
    '<JWT>',
    /\b(eyJ)[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/,
  ),
  redacted(
    'an Authorization header',
    new RegExp(`${start}(Bearer|Basic)\\s+[\\w.+/=~-]{6,}`, 'gi'),
    '$1 <redacted>',
    /(?:[Aa]uthorization\\?["']?\s*[:=,]\s*\\?["']?|^\s*(?=\S+\s+\S*[A-Z\d=]))([Bb]earer|[Bb]asic)\s+[\w.+/=~-]{6,}\\?["']?\s*(?:$|[\s,}])/,
  ),
  redacted(
    'a URL with a password',
    /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:"']*:[^\s/@"']+@/gi,
    '$1<redacted>@',
    /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"'{$]*:)[^\s/@"'{$]+@/i,
  ),
  prefixed('a URL with a token', '([?&](?:sig|signature|token|access_token|api_?key|key)=)[^\\s\\\\&"\'{$]{12,}', 'i'),
  redacted(
    'a join token',
    new RegExp(`${start}[a-z0-9]{6}\\.[a-z0-9]{16}\\b`, 'g'),
    '<join token>',
    /\b(?=[a-z]*\d[a-z0-9]*\.)([a-z0-9]{2})[a-z0-9]{4}\.(?=[a-z]*\d)[a-z0-9]{16}\b/,
  ),
  redacted('a key in hex', /(?:(?<![\w:-])|(?<=\\[nrt]))(?<!sha256[:-])[0-9a-f]{64}(?!\w)/gi, '<64 hex digits>'),
  prefixed('a Slack token', `${start}(xox[abeprs]-|xapp-)[\\w-]{8,}`),
  prefixed('a GitHub token', `${start}(gh[pousr]_|github_pat_)\\w{16,}`),
  prefixed('a GitLab token', `${start}(glpat-)[\\w-]{16,}`),
  prefixed('a Vault token', `${start}(hv[bsr]\\.|s\\.(?=[A-Za-z0-9]{24}\\b))[\\w-]{16,}`),
  prefixed('an AWS key', `${start}(A[KS]IA)[0-9A-Z]{16}\\b`),
  prefixed('an npm token', `${start}(npm_)\\w{30,}`),
  redacted('an option of a command', new RegExp(`(--?${words})([ =]+)(?:${quote})?[^\\s"',]+`, 'gi'), '$1$2<redacted>'),
  redacted(
    'a named value',
    new RegExp(`\\b(${words})((?:${quote})?\\s*[:=]\\s*)(?:${quote}[^"'\\\\]*${quote}|[^\\s"',{}\\[\\]]+)`, 'gi'),
    '$1$2<redacted>',
  ),
]);

/** The first shape in a text that a fleet file must not hold, with the part of it that may be shown; `null` where there is none. */
export function refusedShape(text: string): { readonly kind: string; readonly seen: string } | null {
  for (const { kind, refused } of secretShapes) {
    const found = refused === false ? null : refused.exec(text);
    if (found !== null) return { kind, seen: found[1] ?? '' };
  }
  return null;
}

/** The text without what a fleet file must not hold. */
export const withoutRefusedShapes = (text: string): string =>
  secretShapes.reduce(
    (rest, { refused, pattern, by }) => (refused !== false && refused.test(rest) ? rest.replace(pattern, by) : rest),
    text,
  );
