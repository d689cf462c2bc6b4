import { parse } from 'yaml';
import type { Loose } from './contracts/object';

/** A configuration file that travels in a ConfigMap or a Secret. */
export interface EmbeddedFile {
  /** Key of the object's data. */
  readonly key: string;
  readonly text: string;
  /** What the text means as JSON, YAML or INI (section → key → text); `null` for other texts. */
  readonly tree: unknown;
}

export function embeddedFiles({ kind, data, stringData }: Loose): readonly EmbeddedFile[] {
  if (kind !== 'ConfigMap' && kind !== 'Secret') return [];
  const plain = Object.entries((kind === 'Secret' ? stringData : data) ?? {});
  const coded =
    kind === 'Secret' ? Object.entries((data as Loose | undefined) ?? {}).map(([key, text]) => [key, decoded(text)] as const) : [];
  return [...plain, ...coded].flatMap(([key, text]) => (typeof text === 'string' ? [{ key, text, tree: treeOf(key, text) }] : []));
}

const decoded = (text: unknown): string => Buffer.from(String(text), 'base64').toString('utf8');

function treeOf(key: string, text: string): unknown {
  if (key.endsWith('.ini')) return iniTree(text);
  try {
    const tree = /^\s*[{[]/.test(text) ? JSON.parse(text) : parse(text, { uniqueKeys: false, logLevel: 'silent', merge: true });
    return tree !== null && typeof tree === 'object' ? tree : null;
  } catch {
    // A script, a template or a text for people.
    return null;
  }
}

function iniTree(text: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const tree: Record<string, Record<string, string>> = {};
  let section = '';
  for (const line of text.split('\n')) {
    const [, head] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
    const [, key, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (head !== undefined) section = head;
    else if (key !== undefined) tree[section] = { ...tree[section], [key]: value! };
  }
  return tree;
}
