import { isSecretName } from '../config/secret-names';
import { isValues } from './merge-values';

/** What a program or a chart fills in, a file, or a word that switches: no secret. */
const harmless =
  /^(?:|true|false|yes|no|on|off|null|none|nil|auto|default|disabled|enabled)$|\{\{|\$\{|\$\(|\$__\w+\{|^\$\w+$|^<[^>]*>$|^\/(?:dev|etc|home|mnt|opt|run|secrets?|srv|tmp|usr|var|vault)\/|^file:/i;

/** Beside these, `secretKey` is the name of a key in a Secret: `{ secretName, secretKey }`, `{ secretKey, remoteRef }`. */
const reference = /^(?:remote_?ref|source_?ref|secret_?(?:name|ref)|secret|existing_?secret.*|create_?secret)$/i;

const isPlain = (value: unknown): value is string => typeof value === 'string' && !harmless.test(value.trim());

/** A name and the secret text that stands there, by where it stands below the value. */
export interface NamedSecret {
  readonly path: readonly (string | number)[];
  readonly name: string;
}

/** The secrets that one object or list holds itself, by the names that they stand under. @param under its own name */
export function namedSecrets(value: unknown, under?: string | number): readonly NamedSecret[] {
  if (Array.isArray(value)) return ofWords(value);
  // `secretKeys: { adminPassword: <key> }` names keys of a Secret.
  return isValues(value) && !/secretKeys$/i.test(String(under)) ? ofObject(value) : [];
}

function ofObject(object: Readonly<Record<string, unknown>>): readonly NamedSecret[] {
  const keys = Object.keys(object);
  const { kind, name, value } = object;
  const refers = keys.some((key) => reference.test(key));
  const plain = keys.filter((key) => isPlain(object[key]));
  return [
    ...plain.filter((key) => isSecretName(key) && !(refers && /secret_?key$/i.test(key))).map((key) => ({ path: [key], name: key })),
    // A variable of an environment.
    ...(typeof name === 'string' && isSecretName(name) && isPlain(value) ? [{ path: ['value'], name }] : []),
    ...(kind === 'Secret' ? [...heldBy(object, 'stringData'), ...heldBy(object, 'data')] : []),
  ];
}

const heldBy = (secret: Readonly<Record<string, unknown>>, field: string): readonly NamedSecret[] => {
  const held = secret[field];
  if (!isValues(held)) return [];
  return Object.keys(held).flatMap((key) => (isPlain(held[key]) && !isSecretName(key) ? [{ path: [field, key], name: key }] : []));
};

/** Words of a command: what follows `--token`. */
const ofWords = (words: readonly unknown[]): readonly NamedSecret[] =>
  words.flatMap((word, index) => {
    const next = words[index + 1];
    return typeof word === 'string' && /^--?[\w-]+$/.test(word) && isSecretName(word) && isPlain(next) && !next.startsWith('-')
      ? [{ path: [index + 1], name: word }]
      : [];
  });

const line = /^(?:\s|- )*["']?([A-Za-z_][\w.-]*)["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s#].*))?/;
const word = /(?:^|[\s"'[,;])-{0,2}([A-Za-z][\w.-]*)=(?:"([^"]*)"|'([^']*)'|([^\s"',;\]]+))/g;

/** JSON and YAML in braces: `{"password":"text"}`, `{ password: text }`. */
const field = /[{,]\s*\\?["']?([A-Za-z_.][\w.-]*)\\?["']?\s*:\s*(?:\\?"([^"\\]*)\\?"|'([^']*)'|((?!\d+\s*[,}])[^\s"',{}[\]\\]+))/g;
/** A text that is nothing but a name and one word. */
const pair = /^\s*["']?([A-Za-z_][\w.-]*)["']?\s*:\s+(?:"([^"]*)"|'([^']*)'|([^\s"']+))\s*$/g;

/**
 * The name of a secret that a text holds: a file of settings (`name: text`, `NAME=text`, a variable in two lines), JSON, or a command (`--token=text`);
 * else `null`.
 */
export function namedInText(text: string): string | null {
  for (const pattern of [word, field, pair])
    for (const [, name, ...quoted] of text.matchAll(pattern)) if (isSecretName(name!) && isPlain(said(quoted))) return name!;
  if (!text.includes('\n')) return null;
  let variable = '';
  for (const one of text.split('\n')) {
    const found = line.exec(one);
    if (found === null) continue;
    const [, name = '', ...quoted] = found;
    const value = said(quoted);
    if (name === 'value' && isSecretName(variable) && isPlain(value)) return variable;
    if (isSecretName(name) && isPlain(value) && !/^[|>&*[{!]/.test(value)) return name;
    variable = name === 'name' ? value : '';
  }
  return null;
}

const said = (quoted: readonly (string | undefined)[]): string => quoted.find((text) => text !== undefined) ?? '';
