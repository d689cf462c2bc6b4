import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageRoot } from '../../config/package-root';
import type { FleetStatus } from '../../runner/cluster/status';

export const root = packageRoot();
export const deploymentFolder = join(root, '.flotilla', 'lab@nspawn');
const command = join(root, 'cli', 'bin.cjs');

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs the real command as a user would, and shows what it prints. */
export async function flotilla(...args: string[]): Promise<Ended> {
  const { child, ended } = start(...args);
  child.stdout?.pipe(process.stderr, { end: false });
  return ended;
}

/** The same in the background, with what it has printed so far. */
export function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended>; printed: () => string } {
  const child = spawn(process.execPath, [command, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<Ended>((resolve) => child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 137 : 1), output })));
  return { child, ended, printed: () => output };
}

/** Takes down what an earlier run left. By its name: it may have been made from a fleet file that does not exist any more. */
export async function destroyDeployment(folder: string): Promise<void> {
  if (!existsSync(join(folder, 'deployment.json'))) return;
  const { code, output } = await flotilla('destroy', '--deployment', basename(folder), '--yes');
  if (code !== 0) throw new Error(output);
}

export async function status(): Promise<FleetStatus> {
  return JSON.parse((await start('status', '--json').ended).output);
}

export const uid = (): string => JSON.parse(readFileSync(join(deploymentFolder, 'deployment.json'), 'utf8')).uid;

export function kubectl(cluster: string, ...args: string[]): string {
  const { bin } = JSON.parse(readFileSync(join(deploymentFolder, 'sources.json'), 'utf8'));
  const kubeconfig = join(deploymentFolder, 'kubeconfig', cluster);
  return execFileSync(join(bin, 'kubectl'), [`--kubeconfig=${kubeconfig}`, ...args], { encoding: 'utf8', timeout: 180_000 });
}

/** Asks again until the answer is not `null`; the last error of a throwing question is thrown after the time. */
export async function eventually<T>(seconds: number, question: () => T | null | Promise<T | null>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    let trouble: unknown = new Error(`no answer within ${seconds} s`);
    try {
      const answer = await question();
      if (answer !== null) return answer;
    } catch (error) {
      trouble = error;
    }
    if (Date.now() > deadline) throw trouble;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
