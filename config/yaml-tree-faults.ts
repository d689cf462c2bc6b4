import { type Alias, type Document, isAlias, isCollection, isMap, isScalar, isSeq, type Node, type Pair, Scalar, visit } from 'yaml';
import type { YamlFault } from './yaml-faults';

/** Deepest nesting of lists and maps that is read. */
const deepest = 64;

export interface TreeFault extends YamlFault {
  /** Position in the text, in characters from its start. */
  readonly offset: number;
}

/** What a YAML parser accepts and JSON, Helm or a person would understand differently, each with its position. */
export function treeFaults(document: Document): readonly TreeFault[] {
  const found: TreeFault[] = [];
  const add = (node: Pick<Node, 'range'>, fault: YamlFault | null): void => {
    if (fault !== null) found.push({ offset: node.range?.[0] ?? 0, ...fault });
  };
  visit(document, {
    Node: (_, node, ancestors) => {
      if (!isCollection(node) || ancestors.filter(isCollection).length < deepest) return undefined;
      add(node, { rule: `is nested more than ${deepest} deep`, remedy: 'flatten it' });
      return visit.BREAK;
    },
    Pair: (_, pair) => {
      if (isScalar(pair.key) || isCollection(pair.key) || isAlias(pair.key)) add(pair.key, keyFault(pair, document));
    },
    Alias: (_, alias, ancestors) => add(alias, aliasFault(alias, document, ancestors)),
    Scalar: (key, scalar) => add(scalar, key === 'key' ? null : scalarFault(scalar)),
  });
  return found;
}

function keyFault({ key, value }: Pair, document: Document): YamlFault | null {
  if (!isScalar(key) || key.value === null)
    return { rule: 'is a key that is a list, a map, an alias or empty', remedy: 'write a text as the key' };
  if (key.value === '__proto__') return { rule: 'is a key that no program here can carry', remedy: 'rename it' };
  // The parser makes a symbol of a merge key; << in quotes stays a text.
  if (typeof key.value !== 'symbol') return null;
  const sources = isSeq(value) ? value.items : [value];
  const areMaps = sources.every((source) => isMap(isAlias(source) ? source.resolve(document) : source));
  return areMaps
    ? null
    : { rule: 'is a merge key (<<) whose value is not a map', remedy: 'write << : *name of a map, or a list of such aliases' };
}

function aliasFault(alias: Alias, document: Document, ancestors: readonly unknown[]): YamlFault | null {
  const target = alias.resolve(document);
  if (target === undefined)
    return { rule: 'is an alias (*name) without an anchor (&name) before it', remedy: 'write the value in its place' };
  return ancestors.includes(target) ? { rule: 'is an alias (*name) of what it stands in', remedy: 'write the value in its place' } : null;
}

function scalarFault({ value, source = '', type }: Scalar): YamlFault | null {
  if (type !== Scalar.PLAIN) return null;
  if (typeof value === 'string' && /^(?:yes|no|on|off)$/i.test(value)) {
    return { rule: 'is a text in YAML 1.2 and a switch in older YAML', remedy: 'write true or false, or put the text in quotes' };
  }
  if (typeof value === 'bigint') return inexact;
  if (typeof value !== 'number') return null;
  if (!Number.isFinite(value))
    return { rule: 'is a number that JSON cannot carry', remedy: 'write a smaller number, or put the text in quotes' };
  if (/^[-+]?0\d/.test(source)) {
    return {
      rule: 'is a number with a leading zero, decimal here and octal elsewhere',
      remedy: 'write 0o644 for octal, or put the text in quotes',
    };
  }
  const digits = source.replace(/e.*$/i, '').replace(/[^\d]/g, '').replace(/^0+/, '').length;
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) || /[.e]/i.test(source) : true;
  return isExact && (digits <= 17 || /^0[xo]/.test(source)) ? null : inexact;
}

const inexact: YamlFault = { rule: 'is a number with more digits than JSON keeps', remedy: 'put it in quotes' };
