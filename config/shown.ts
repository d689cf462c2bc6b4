import { isSecretName } from './secret-names';
import { refusedShape } from './secret-shapes';

/** Longest text that a message repeats, in characters. */
const longest = 64;

/**
 * What names, versions, addresses, paths, image references and `<kind> <name>` are written with. A password has other characters too, a pass phrase has more
 * words.
 */
const ordinary = /^[\p{L}\p{N}_./:,+…-]*(?: [\p{L}\p{N}_./:,+…-]+)?$/u;

/** True for a text that a message may repeat: short, of ordinary characters, and not a secret by its shape. */
export const mayBeShown = (text: string): boolean => text.length <= longest && ordinary.test(text) && !isTokenLike(text);

/** A value as a message repeats it. What may be a secret, or is long, is only described. */
export function showValue(value: unknown, path: readonly (string | number)[] = []): string {
  // A text that ends in … was shortened by the rule about secrets.
  const isSafe = typeof value === 'string' && mayBeShown(value) && (value.endsWith('…') || !path.some(isNameOfSecret));
  if (typeof value === 'string') return isSafe ? value : describeText(value);
  if (value === null || typeof value !== 'object') return String(value);
  const text = JSON.stringify(value);
  const isPlain = text.length <= longest && !/:\s*"|\["|,"(?!\w+":)/.test(text) && Object.keys(value).every(mayBeShown);
  if (isPlain) return text;
  return Array.isArray(value) ? `(a list of ${value.length})` : `(a map of ${Object.keys(value).length})`;
}

const isNameOfSecret = (part: string | number): boolean => typeof part === 'string' && isSecretName(part);

/** In place of a text that is not shown. */
export const describeText = (text: string): string => `(a text of ${text.length} characters)`;

/** A name or key as a message repeats it. */
export const showName = (name: string): string => (mayBeShown(name.replace(/^overlay /, '')) ? name : describeText(name));

/** A sentence in which every word that looks like a secret is replaced by `…`. */
export const withoutTokens = (sentence: string): string => sentence.replace(/[^\s"'(){};=]+/g, (word) => (isTokenLike(word) ? '…' : word));

function isTokenLike(text: string): boolean {
  if (refusedShape(text) !== null || /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/i.test(text)) return true;
  return text.split(/[^\p{L}\p{N}]+/u).some(isRandom);
}

/** True for letters and digits that no person would choose as a name. */
function isRandom(run: string): boolean {
  const digits = run.replace(/\D/g, '').length;
  if (run.length >= 16 && digits > 1) return true;
  if (run.length >= 8 && (run.match(/(?<=\d)\D|(?<=\D)\d/g)?.length ?? 0) >= 3) return true;
  if (run.length < 12) return false;
  const parts = run.split(/(?<=\p{Ll})(?=\p{Lu})/u);
  return run.length / parts.length < 3.5 || parts.some((part) => part.length >= 24) || /[bcdfghjklmnpqrstvwxz]{7,}/i.test(run);
}
