import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { Failure } from '../config/failure';
import { ownVersion } from '../config/package-root';
import { UserError } from '../config/problem';
import { withoutRefusedShapes } from '../config/secret-shapes';
import { namingDeployment } from '../runner/printed-commands';
import { closeLiveTrees } from '../runner/progress/live';
import { register } from './verb';
import { verbs } from './verbs';

/** The whole command, on these words. @returns the exit code: 0 done, 1 failed, 2 bad input, 3 there are changes */
export function runCommand(words: readonly string[]): Promise<number> {
  return namingDeployment(() => runVerb(words));
}

async function runVerb(words: readonly string[]): Promise<number> {
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

/** What the operating system refuses, and the remedy. None of it is a fault of Flotilla. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; run this as the user that owns it, or give this user the permission',
  EPERM: 'operation not permitted; run this as the user that owns it, or give this user the permission',
  EROFS: 'the file system is read-only; use a writable checkout, or "npx flotilla synth --out DIR" to look only',
  ENOSPC: 'no space left on the file system; free some, then run this again',
  EDQUOT: 'the disk quota is used up; free some, then run this again',
  ENOTDIR: 'a part of this path is a file, not a folder; name a different path',
  ENAMETOOLONG: 'the path is too long for the file system; name a shorter one',
  ELOOP: 'the symbolic links of this path form a circle; name a different path',
  EMFILE: 'too many open files; raise the limit with "ulimit -n"',
};

/** Prints what went wrong. Only a fault of Flotilla keeps its stack trace. @returns the exit code */
export function explain(error: unknown): number {
  closeLiveTrees();
  const { code = '', path, syscall } = (typeof error === 'object' && error !== null ? error : {}) as Partial<NodeJS.ErrnoException>;
  if (Object.hasOwn(refusals, code)) {
    console.error(`${path ?? syscall ?? 'the operating system'}: ${refusals[code]}`);
    return 1;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) {
    console.error(error.message);
    return 2;
  }
  if (error instanceof Failure) {
    console.error(error.message);
    return 1;
  }
  console.error(withoutRefusedShapes(inspect(error)));
  console.error('this is a fault of Flotilla, please report it with the lines above');
  return 1;
}
