import { type IResolveContext, Lazy, TerraformStack, TerraformVariable, Token, Tokenization } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { refuse } from '../model/props/problem';
import { escapeTemplate } from './escape';
import { expressionIn, quoteTemplate } from './template-text';

/**
 * The value as JSON in a Terraform template, for inputs of scripts and values of charts. Text is taken literally; a cdktf token becomes `${jsonencode(…)}`, so that it keeps its type and no quote in it
 * breaks the JSON.
 * @throws UserError when a token was taken apart, or stands where Terraform cannot put a value
 */
export function jsonTemplate(value: unknown): string {
  return write(value, [], []) ?? 'null';
}

/** Every token below the value, each as it was given. */
export function tokensIn(value: unknown): readonly unknown[] {
  if (Token.isUnresolved(value)) return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(tokensIn);
}

/**
 * The same value in which `replace` stands in the place of each token. Constructs and other objects with a class are left as they are.
 * @param other what stands in the place of all else that is no list and no object. @default - itself
 */
export function mapTokens(value: unknown, replace: (token: unknown) => unknown, other = (leaf: unknown): unknown => leaf): unknown {
  const map = (one: unknown, holders: readonly unknown[]): unknown => {
    if (Token.isUnresolved(one)) return replace(one);
    // What holds itself is refused where it is written.
    if (holders.includes(one)) return other(one);
    const inside = [...holders, one];
    if (Array.isArray(one)) return one.map((inner) => map(inner, inside));
    if (!isPlainObject(one) || ![Object.prototype, null].includes(Object.getPrototypeOf(one))) return other(one);
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, map(inner, inside)]));
  };
  return map(value, []);
}

/** Tokens that are objects become strings: what merges values must not look into them. */
export const asStrings = <T>(value: T): T =>
  mapTokens(value, (token) => (Tokenization.isResolvable(token) ? Token.asString(token) : token)) as T;

function write(given: unknown, path: readonly (string | number)[], holders: readonly unknown[]): string | undefined {
  const value = typeof given === 'string' ? given.replaceAll(numeral, numberToken) : given;
  if (isPart(value)) refuseAt(path, 'holds a part of a Terraform reference');
  if (isReference(value)) return reference(value);
  const lost = whyLost(value, holders);
  if (lost !== null) refuse(path.join('.') || 'the value', [lost]);
  const inside = [...holders, value];
  if (Array.isArray(value)) return `[${value.map((inner, index) => write(inner, [...path, index], inside) ?? 'null').join(',')}]`;
  if (!isPlainObject(value)) return escapeTemplate(JSON.stringify(value) ?? '') || undefined;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    if (Token.isUnresolved(key) || isPart(key))
      refuseAt(path, 'has a Terraform reference among its keys, which have to be known when the app is synthesized');
    const text = write(inner, [...path, key], inside);
    return text === undefined ? [] : [`${escapeTemplate(JSON.stringify(key))}:${text}`];
  });
  return `{${entries.join(',')}}`;
}

/** A number token that became a part of a text, such as `${size}Mi`, as cdktf encodes it. */
const numeral = /-?\d+(?:\.\d+)?e\+\d+/g;
function numberToken(text: string): string {
  const token = Tokenization.reverseNumber(Number(text));
  return token === undefined ? text : Token.asString(token);
}

/** Not a map token that was spread into an object: it has other keys beside its own, and would swallow them. */
const isReference = (value: unknown): boolean =>
  Token.isUnresolved(value) && (!isPlainObject(value) || Tokenization.isResolvable(value) || Object.keys(value).length === 1);

/** What is left of a list, map or string token that was spread, joined or cut. */
function isPart(value: unknown): boolean {
  if (typeof value === 'number') return Token.isUnresolved([value]);
  return typeof value === 'string' && value.replaceAll(wholeToken, '').includes('TfToken[');
}
const wholeToken = /\$\{TfToken\[[\w:.-]+\]\}/g;

/** What JSON would leave out, change or never end with, a sentence; else `null`. */
function whyLost(value: unknown, holders: readonly unknown[]): string | null {
  if (Construct.isConstruct(value)) return 'is a construct; pass one of its attributes';
  if (holders.includes(value)) return 'holds itself; pass a value that ends';
  if (value instanceof Map || value instanceof Set)
    return `is a ${value.constructor.name}, which JSON does not have; pass an object or a list`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `is ${value}, which JSON does not have; pass a number`;
  if (['bigint', 'function', 'symbol'].includes(typeof value))
    return `is a ${typeof value}, which JSON does not have; pass text or a number`;
  return null;
}

const remedy = 'pass the whole list, map or string, or join them with Fn.concat, Fn.merge or Fn.join';
const refuseAt = (path: readonly (string | number)[], rule: string): void => refuse(path.join('.') || 'the value', [`${rule}; ${remedy}`]);

/** Resolved when the stack is written, because only then does cdktf know the name of what is referred to. */
function reference(token: unknown): string {
  const isNumber = typeof token === 'number';
  const produce = (context: IResolveContext): string => {
    const text = encode(context.resolve(typeof token === 'string' ? escapeTemplate(token) : token), isNumber);
    refuseSensitive(context.scope, text);
    return text;
  };
  return Token.asString(Lazy.stringValue({ produce }));
}

/** What scripts and charts are given lies in Terraform's state, and in Helm's records. */
function refuseSensitive(scope: IConstruct, text: string): void {
  const names = new Set([...text.matchAll(/\bvar\.([\w-]+)/g)].map(([, name]) => name));
  if (names.size === 0) return;
  const found = TerraformStack.of(scope)
    .node.findAll()
    .filter((one) => one instanceof TerraformVariable && one.sensitive === true && names.has(one.friendlyUniqueId));
  refuse(
    scope.node.path,
    found.map(
      ({ node }) =>
        `refers to the variable ${node.id}, which is sensitive, and what scripts and charts are given lies readable in Terraform's state; write the secret to a file in the deployment's folder, and pass the path of that file`,
    ),
  );
}

/** JSON of what a token has resolved to: Terraform text, or a value that holds such. */
function encode(resolved: unknown, isNumber = false): string {
  if (typeof resolved === 'string') {
    const expression = expressionIn(resolved);
    if (expression === null) return `\${jsonencode(${quoteTemplate(resolved)})}`;
    return `\${jsonencode(${isNumber ? `tonumber(${expression})` : expression})}`;
  }
  if (Array.isArray(resolved)) return `[${resolved.map((inner) => encode(inner)).join(',')}]`;
  if (!isPlainObject(resolved)) return JSON.stringify(resolved) ?? 'null';
  return `{${Object.entries(resolved)
    .map(([key, inner]) => `${escapeTemplate(JSON.stringify(key))}:${encode(inner)}`)
    .join(',')}}`;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    value !== null && typeof value === 'object' && !Array.isArray(value) && typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}
