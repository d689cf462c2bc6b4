import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { ownVersion } from '../config/package-root';
import { UserError } from '../config/problem';
import { withoutRefusedShapes } from '../config/secret-shapes';
import { Failure } from './failure';
import { fileErrorText } from './file-error';
import { closeLiveTrees } from './run/live';
import { register } from './verb';
import { verbs } from './verbs';

/** The whole command, on these words. @returns the exit code: 0 done, 1 failed, 2 bad input, 3 there are changes */
export async function runCommand(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('flotilla')
    .description('A fleet of Kubernetes clusters on one workstation, from one file')
    .version(ownVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(withoutRefusedShapes(text)) })
    .configureHelp({ showGlobalOptions: true });
  for (const verb of verbs) {
    register(program, verb as never, (code) => {
      exitCode = code;
    });
  }
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** Says what went wrong. Only a fault of ours keeps its stack trace. @returns the exit code */
function explain(error: unknown): number {
  closeLiveTrees();
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) {
    console.error(error.message);
    return 2;
  }
  if (error instanceof Failure) {
    console.error(error.message);
    return 1;
  }
  const aboutFile = fileErrorText(error);
  if (aboutFile !== null) {
    console.error(aboutFile);
    return 1;
  }
  console.error(withoutRefusedShapes(inspect(error)));
  console.error('this is a fault of Flotilla, please report it with the lines above');
  return 1;
}
