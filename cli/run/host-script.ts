import { spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { packageRoot } from '../../config/package-root';
import { Failure } from '../failure';

/** Runs one of our scripts outside of Terraform, as Terraform would. @throws Failure with what the script said */
export async function hostScript(
  script: string,
  input: object,
  options: { lock?: number; environment?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const file = isAbsolute(script) ? script : join(packageRoot(), 'scripts', script);
  const child = spawn('bash', [file], {
    env: { ...(options.environment ?? process.env), INPUT: JSON.stringify(input) },
    stdio: ['ignore', 'pipe', 'pipe', options.lock ?? 'ignore'],
  });
  let output = '';
  let said = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  if (code !== 0) throw new Failure(`${script} failed (exit code ${code})\n${said.trim().split('\n').slice(-15).join('\n')}`);
  return output;
}
