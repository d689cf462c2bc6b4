import { type Choice, namesBelow, notACluster, type VerbWords } from './words';

/** How a verb, and what follows it, is completed: after `flotilla` and after `npx flotilla`. */
const commands = [
  {
    first: 'complete -c flotilla -n __fish_use_subcommand',
    later: (verb: string) => `complete -c flotilla -n '__fish_seen_subcommand_from ${verb}'`,
  },
  {
    first: "complete -c npx -n '__flotilla_after_npx 2'",
    later: (verb: string) => `complete -c npx -n '__flotilla_after_npx; and __fish_seen_subcommand_from ${verb}'`,
  },
];

/** What fish sources: `flotilla completion fish | source`. */
export function fishCompletion(verbs: readonly VerbWords[], root: string): string {
  const lines = verbs.flatMap(({ name, summary, options, operand }) => {
    return commands.flatMap(({ first, later }) => [
      `${first} -f -a ${name} -d ${quote(summary)}`,
      `${later(name)} ${operand === null ? '-f' : offer(operand)}`,
      ...options.map(
        ({ flag, summary: text, value }) =>
          `${later(name)} -l ${flag.slice(2)} -d ${quote(text)}${value === null ? '' : ` -r ${offer(value)}`}`,
      ),
    ]);
  });
  return `# Completion of flotilla for fish, made from its verbs.
function __flotilla_names # <pattern below the checkout>
    for path in (eval string escape -- ${quote(`${fishPath(root)}/`)}$argv[1] 2>/dev/null)
        set -l name (string replace -r '\\.[^.]*$' '' (basename (string unescape -- $path)))
        test $name = ${notACluster}; or echo $name
    end
end
function __flotilla_after_npx # [<number of words before the cursor>]
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test $words[2] = flotilla; or return 1
    test (count $argv) -eq 0; or test (count $words) -eq $argv[1]
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
