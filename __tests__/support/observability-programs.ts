import { spawnSync } from 'node:child_process';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  /** Both outputs. */
  readonly said: string;
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], cwd?: string): Said {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  return { code: status ?? 1, stdout: stdout ?? '', said: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}

/** `describe` where the program is there; elsewhere its tests are skipped, and what is not proven is said. */
export function describeWith(program: string, proves: string): jest.Describe {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return describe;
  console.log(`there is no ${program}; not proven: ${proves}`);
  return describe.skip;
}
