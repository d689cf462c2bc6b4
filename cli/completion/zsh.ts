import { quote } from './bash';
import { type Choice, namesBelow, notACluster, type VerbWords } from './words';

/** What zsh sources after `compinit`: `source <(flotilla completion zsh)`. */
export function zshCompletion(verbs: readonly VerbWords[], root: string): string {
  const perVerb = verbs.flatMap(({ name, options, operand }) => [
    `    ${name})`,
    '      _arguments \\',
    ...options.map(({ flag, summary, value }) => `        '${flag}[${summary}]${value === null ? '' : `: :${offer(value)}`}' \\`),
    operand === null ? "        '*: :'" : `        '*: :${offer(operand)}'`,
    '      ;;',
  ]);
  return `#compdef flotilla
# Completion of flotilla for zsh, made from its verbs.
_flotilla_names() { # <pattern below the checkout>
  [[ "$PREFIX" != */* ]] || { _files; return }
  local -a found
  found=(${quote(root)}/\${~1}(N:t:r))
  compadd -- \${(u)found:#${notACluster}}
}
_flotilla() {
  local -a verbs
  verbs=(
${verbs.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb="\${words[2]}"
  shift words
  (( CURRENT -= 1 ))
  case "$verb" in
${perVerb.join('\n')}
  esac
}
compdef _flotilla flotilla
# After npx, unless something completes npx already.
_flotilla_npx() {
  [[ "\${words[2]}" == flotilla ]] && (( CURRENT > 2 )) || { _files; return }
  shift words
  (( CURRENT -= 1 ))
  _flotilla
}
(( \${+_comps[npx]} )) || compdef _flotilla_npx npx
`;
}

function offer(choice: Choice): string {
  if ('words' in choice) return `(${choice.words.join(' ')})`;
  return 'names' in choice ? `{_flotilla_names "${namesBelow[choice.names]}"}` : '_files';
}
