import { Command, CommanderError } from 'commander';
import { ownVersion } from '../config/package-root';
import { UserError } from '../config/problem';
import { Failure } from './failure';
import { closeLiveTrees } from './run/live';
import { register } from './verb';
import { verbs } from './verbs';

async function main(): Promise<void> {
  const program = new Command('flotilla')
    .description('A fleet of Kubernetes clusters on one workstation, from one file')
    .version(ownVersion(), '--version', 'print the version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  for (const verb of verbs) {
    register(program, verb as never, (code) => {
      process.exitCode = code;
    });
  }
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = explain(error);
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
  console.error(error);
  console.error('this is a fault of Flotilla, please report it with the lines above');
  return 1;
}

// Whoever reads us through a pipe may have read enough, as `head` does. 141: what a shell says of a program that a closed pipe ended.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 141 : 1));

void main();
