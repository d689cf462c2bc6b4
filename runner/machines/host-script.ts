import { type ChildProcess, spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { Failure } from '../../config/failure';
import { packageRoot } from '../../config/package-root';

const running = new Set<ChildProcess>();

/** Ends the scripts that run, with what they have started in the foreground. */
export function endHostScripts(): void {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGTERM');
    } catch {
      // It is over.
    }
  }
}

/** Runs one of our scripts outside of Terraform, as Terraform would. @throws Failure with what the script said */
export async function hostScript(
  script: string,
  input: object,
  options: { lock?: number; environment?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const detached = process.listenerCount('SIGINT') > 0;
  const file = isAbsolute(script) ? script : join(packageRoot(), 'scripts', script);
  const child = spawn('bash', [file], {
    env: { ...(options.environment ?? process.env), INPUT: JSON.stringify(input) },
    stdio: ['ignore', 'pipe', 'pipe', options.lock ?? 'ignore'],
    // Out of the terminal's reach where somebody decides what Ctrl-C means, as Terraform is.
    detached,
  });
  if (detached) running.add(child);
  let output = '';
  let said = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  running.delete(child);
  if (code !== 0) throw new Failure(`${script} failed (exit code ${code})\n${said.trim().split('\n').slice(-15).join('\n')}`);
  return output;
}
