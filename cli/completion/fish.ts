import { type Choice, namesBelow, notACluster, type VerbWords } from './words';

/** What fish sources: `flotilla completion fish | source`. */
export function fishCompletion(verbs: readonly VerbWords[], root: string): string {
  const lines = verbs.flatMap(({ name, summary, options, operand }) => {
    const after = `complete -c flotilla -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c flotilla -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
      `${after} ${operand === null ? '-f' : offer(operand)}`,
      ...options.map(
        ({ flag, summary: text, value }) => `${after} -l ${flag.slice(2)} -d ${quote(text)}${value === null ? '' : ` -r ${offer(value)}`}`,
      ),
    ];
  });
  return `# Completion of flotilla for fish, made from its verbs.
function __flotilla_names # <pattern below the checkout>
    for path in (eval string escape -- ${quote(`${fishPath(root)}/`)}$argv[1] 2>/dev/null)
        set -l name (string replace -r '\\.[^.]*$' '' (basename (string unescape -- $path)))
        test $name = ${notACluster}; or echo $name
    end
end
${lines.join('\n')}
`;
}

function offer(choice: Choice): string {
  if ('words' in choice) return `-f -a ${quote(choice.words.join(' '))}`;
  // A fleet may be a path too.
  const files = 'names' in choice && choice.names === 'fleet' ? '' : '-f ';
  return 'names' in choice ? `${files}-a ${quote(`(__flotilla_names "${namesBelow[choice.names]}")`)}` : '-F';
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
/** A path that fish reads again. */
const fishPath = (path: string): string => path.replaceAll(/[^A-Za-z0-9_/.-]/g, '\\$&');
