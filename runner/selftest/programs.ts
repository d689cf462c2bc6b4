import { type ChildProcess, spawn } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import type { Command } from './step';

const started = new Set<ChildProcess>();
/** More of an output than this tells a reader nothing. */
const longest = 20_000;

/** Runs a program and waits for it, at most so long. Its end is a value, also when there is no such program. */
export function runProgram(program: string, args: readonly string[], timeoutSeconds = 60): Promise<Command> {
  const began = Date.now();
  // In a group of its own: Ctrl-C ends the self-test in order, not the program that is being looked at.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      said[stream] = (said[stream] + chunk).slice(-longest);
    });
  }
  return new Promise((resolve) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      end(child, 'SIGTERM');
      setTimeout(() => end(child, 'SIGKILL'), 10_000).unref();
    }, timeoutSeconds * 1000);
    const finish = (code: number, trouble = ''): void => {
      clearTimeout(timer);
      const line = [program, ...args].join(' ');
      resolve({ line, code, stdout: said.stdout, stderr: said.stderr + trouble, seconds: (Date.now() - began) / 1000 });
    };
    child.on('error', (error) => finish(127, error.message));
    child.on('close', (code) => finish(isLate ? 124 : (code ?? 1), isLate ? `\nended after ${timeoutSeconds} s` : ''));
  });
}

/** Starts a program that goes on by itself until `endPrograms`. */
export function startProgram(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  // Whoever waits for what it brings will say that it did not come.
  child.on('error', () => started.delete(child));
  child.on('close', () => started.delete(child));
  started.add(child);
}

export function endPrograms(): void {
  for (const child of started) end(child, 'SIGTERM');
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  // To the system, process group 0 is our own.
  if (child.pid === undefined || child.pid < 2) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** The text without the name and the home of who ran it. */
export function anonymous(text: string): string {
  const { username } = userInfo();
  return text
    .replaceAll(homedir(), '~')
    .replaceAll(new RegExp(`\\b${username.replace(/\W/g, '\\$&')}\\b`, 'g'), username === 'root' ? 'root' : 'USER');
}
