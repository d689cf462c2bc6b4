import type { Verb } from '../verb';

/** What may stand in a place of the command line: fixed words, or names that the shell looks up when it is asked. */
export type Choice = { readonly words: readonly string[] } | { readonly names: keyof typeof namesBelow } | { readonly files: true };

/** Where the shell finds names: patterns below the checkout, of which the file's name without its ending counts. */
export const namesBelow = {
  fleet: 'fleets/*.yaml',
  overlay: 'fleets/overlays/*.yaml',
  node: '.flotilla/*/nodes/*.json',
  stack: '.flotilla/*/cdktf.out/stacks/*',
  cluster: '.flotilla/*/kubeconfig/*',
  deployment: '.flotilla/*@*',
} as const;

/** The file of all clusters lies beside theirs. */
export const notACluster = 'merged';

export interface OptionWords {
  readonly flag: string;
  readonly summary: string;
  /** `null` for a switch. */
  readonly value: Choice | null;
}

export interface VerbWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** `null` for a verb that takes none. */
  readonly operand: Choice | null;
}

const selection: readonly (readonly [string, string])[] = [
  ['--fleet <fleet>', 'a file below fleets/, or a path'],
  ['--overlay <overlay>', 'a file below fleets/overlays/'],
  ['--help', 'what the verb does'],
];

/** Everything that a shell can complete, from the verbs alone. */
export const commandWords = (verbs: readonly Verb<never>[]): readonly VerbWords[] =>
  verbs.map(({ name, summary, operands, options = [] }) => ({
    name,
    summary,
    options: [...options, ...selection].map(([flags, text]) => optionWords(flags, text)),
    operand: operands === undefined ? null : choiceOf(placeholder(operands) ?? '', ''),
  }));

function optionWords(flags: string, text: string): OptionWords {
  const flag = /--[a-z-]+/.exec(flags)![0];
  const value = placeholder(flags);
  // No shell may give a character of it a meaning of its own.
  return { flag, summary: text.replaceAll(/['"`\\$:[\]{}]/g, ''), value: value === null ? null : choiceOf(value, flag.slice(2)) };
}

const placeholder = (text: string): string | null => /[<[]([^>\]]+)[>\]]/.exec(text)?.[1]?.replace(/\.\.\.$/, '') ?? null;

/** `<text|mermaid>` offers its words, `<node>` and `--node <name>` names of nodes, everything else files. */
function choiceOf(wanted: string, flag: string): Choice {
  const names = [wanted, flag].find((word) => Object.hasOwn(namesBelow, word));
  if (names !== undefined) return { names: names as keyof typeof namesBelow };
  return /^[a-z]+(\|[a-z]+)+$/.test(wanted) ? { words: wanted.split('|') } : { files: true };
}
