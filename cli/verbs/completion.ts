import { projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import { bashCompletion } from '../completion/bash';
import { fishCompletion } from '../completion/fish';
import { commandWords } from '../completion/words';
import { zshCompletion } from '../completion/zsh';
import { defineVerb, type Verb } from '../verb';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
const isShell = (word: string | undefined): word is keyof typeof shells => word !== undefined && Object.hasOwn(shells, word);

/** @param others all verbs but this one */
export const completionOf = (others: readonly Verb<never>[]) => {
  const completion = defineVerb({
    name: 'completion',
    operands: '<bash|zsh|fish>',
    summary:
      'Print what makes a shell complete verbs, options and the names of fleets, overlays, nodes and stacks, after "flotilla" and after "npx flotilla"',
    example:
      'npx flotilla completion bash > ~/.flotilla.bash   # and in ~/.bashrc: . ~/.flotilla.bash; fish: npx flotilla completion fish | source',
    run: async ({ args: [shell] }) => {
      if (!isShell(shell)) throw new UserError(`there is no completion for "${shell}"; one of: ${Object.keys(shells).join(', ')}`);
      process.stdout.write(shells[shell](commandWords([...others, completion]), projectRoot()));
      return 0;
    },
  });
  return completion;
};
