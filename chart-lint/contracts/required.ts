import type { Owner } from './inventory';

/** An object that a gate or a check is about. */
export interface Asked {
  /** Key of the component file. */
  readonly in: 'ready' | 'checks';
  /** As it is written. */
  readonly text: string;
  /** Kind, plural or short name, in lower case. */
  readonly kind: string;
  /** `null`: not told. */
  readonly group: string | null;
  readonly namespace: string;
  /** `null`: any one will do. */
  readonly name: string | null;
  readonly labels: readonly LabelTerm[];
  /** Of a pod. */
  readonly container: string | null;
}

export interface LabelTerm {
  readonly key: string;
  readonly values: readonly string[];
}

/** Where kubectl looks when no namespace is told. */
const defaultNamespace = 'default';

export const askedBy = ({ ready, checks }: Pick<Owner, 'ready' | 'checks'>): readonly Asked[] => [
  ...ready.flatMap((condition) =>
    condition.kind === 'nodes-ready' ? [] : [asked('ready', condition.resource, condition.resource, condition.namespace)],
  ),
  ...checks.flatMap(({ command }) => askedIn(command)),
];

function asked(key: Asked['in'], text: string, resource: string, namespace = defaultNamespace, more: Partial<Asked> = {}): Asked {
  const [type = '', name = null] = resource.split('/');
  const dot = type.indexOf('.');
  return {
    in: key,
    text,
    kind: (dot < 0 ? type : type.slice(0, dot)).toLowerCase(),
    group: dot < 0 ? null : type.slice(dot + 1),
    namespace,
    name,
    labels: [],
    container: null,
    ...more,
  };
}

const short: Readonly<Record<string, string>> = {
  '-n': '--namespace',
  '-l': '--selector',
  '-c': '--container',
  '-o': '--output',
  '-f': '--filename',
};
const withValue = new Set(['--namespace', '--selector', '--container', '--output', '--for', '--timeout', '--context', '--kubeconfig']);
/** Verbs that fail when the object is not there. */
const naming = new Set(['get', 'wait', 'exec', 'logs', 'describe']);

/** What a kubectl command names. Commands of other programs, and verbs that name nothing, are not looked into. */
function askedIn(command: readonly string[]): readonly Asked[] {
  if (command[0] !== 'kubectl') return [];
  const { flags, words } = read(command.slice(1));
  const [verb = '', ...rest] = words;
  const targets = verb === 'rollout' ? rest.slice(1) : naming.has(verb) ? rest : [];
  const [first, ...names] = targets;
  if (first === undefined) return [];
  const text = command.join(' ');
  const make = (resource: string, more: Partial<Asked> = {}): Asked => asked('checks', text, resource, flags.get('--namespace'), more);
  // `exec web-0`, `exec deployment/web`: a pod, unless the kind is told.
  if (verb === 'exec' || verb === 'logs')
    return [make(first.includes('/') ? first : `pod/${first}`, { container: flags.get('--container') ?? null })];
  if (first.includes('/')) return targets.map((target) => make(target));
  if (names.length > 0) return names.map((name) => make(`${first}/${name}`));
  const selector = flags.get('--selector');
  if (selector !== undefined) return [make(first, { labels: termsOf(selector) })];
  return flags.has('--all') ? [make(first)] : [];
}

function read(line: readonly string[]): { readonly flags: ReadonlyMap<string, string>; readonly words: readonly string[] } {
  const flags = new Map<string, string>();
  const words: string[] = [];
  const end = line.indexOf('--');
  const own = end < 0 ? line : line.slice(0, end);
  for (let index = 0; index < own.length; index++) {
    const [head = '', ...tail] = own[index]!.split('=');
    const flag = short[head] ?? head;
    if (!flag.startsWith('-')) words.push(own[index]!);
    else if (tail.length > 0) flags.set(flag, tail.join('='));
    else flags.set(flag, withValue.has(flag) ? (own[++index] ?? '') : '');
  }
  return { flags, words };
}

/** `a=b,c in (d,e)`; terms of other forms exclude and are left out. */
const termsOf = (selector: string): readonly LabelTerm[] =>
  selector.split(/,(?![^(]*\))/).flatMap((term) => {
    const [, key, value] = /^\s*([\w./-]+)\s*==?\s*([\w.-]+)\s*$/.exec(term) ?? [];
    const [, listed, values] = /^\s*([\w./-]+)\s+in\s+\(([^)]*)\)\s*$/.exec(term) ?? [];
    if (key !== undefined) return [{ key, values: [value!] }];
    return listed === undefined ? [] : [{ key: listed, values: values!.split(',').map((word) => word.trim()) }];
  });
