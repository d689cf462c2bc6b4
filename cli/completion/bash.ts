import { type Choice, namesBelow, notACluster, type VerbWords } from './words';

/** What bash loads: `eval "$(flotilla completion bash)"`. Runs on bash 3.2, which sources nothing from `<(…)`. */
export function bashCompletion(verbs: readonly VerbWords[], root: string): string {
  const perVerb = verbs.flatMap(({ name, options, operand }) => [
    `    ${name})`,
    '      case "$before" in',
    ...options.flatMap(({ flag, value }) => (value === null ? [] : [`        ${flag}) ${offer(value)} ;;`])),
    `        *) if [[ "$word" == -* ]]; then _flotilla_words '${options.map(({ flag }) => flag).join(' ')}'; else ${offer(operand)}; fi ;;`,
    '      esac',
    '      ;;',
  ]);
  return `# Completion of flotilla for bash, made from its verbs.
_flotilla_words() { COMPREPLY=($(compgen -W "$1" -- "$word")); }
_flotilla_files() { COMPREPLY=($(compgen -f -- "$word")); }
_flotilla_names() { # <pattern below the checkout>
  local path names=''
  if [[ "$word" == */* ]]; then
    _flotilla_files
    return
  fi
  for path in ${quote(root)}/$1; do
    [[ -e "$path" ]] || continue
    path="\${path##*/}"
    [[ "$path" != ${notACluster} ]] || continue
    names="$names \${path%.*}"
  done
  _flotilla_words "$names"
}
_flotilla() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" verb="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [[ "$COMP_CWORD" -eq 1 ]]; then
    _flotilla_words '${[...verbs.map(({ name }) => name), '--help'].join(' ')}'
    return
  fi
  case "$verb" in
${perVerb.join('\n')}
  esac
}
complete -F _flotilla flotilla
# After npx, unless something completes npx already.
_flotilla_npx() {
  COMPREPLY=()
  [[ "$COMP_CWORD" -gt 1 && "\${COMP_WORDS[1]}" == flotilla ]] || return 0
  COMP_WORDS=(\${COMP_WORDS[@]+"\${COMP_WORDS[@]:1}"})
  COMP_CWORD=$((COMP_CWORD - 1))
  _flotilla
}
complete -p npx >/dev/null 2>&1 || complete -o bashdefault -o default -F _flotilla_npx npx
`;
}

function offer(choice: Choice | null): string {
  if (choice === null) return ':';
  if ('words' in choice) return `_flotilla_words '${choice.words.join(' ')}'`;
  return 'names' in choice ? `_flotilla_names '${namesBelow[choice.names]}'` : '_flotilla_files';
}

/** For a shell, as one word. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
