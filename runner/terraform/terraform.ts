import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { Failure } from '../../config/failure';
import { makeSocketFolder } from './plugin-sockets';

/** One line of `terraform … -json`, as far as we read it. */
export interface TerraformEvent {
  readonly type: string;
  readonly '@message': string;
  readonly hook?: {
    readonly resource: { readonly addr: string; readonly resource_type: string };
    readonly action?: string;
    readonly output?: string;
  };
  readonly change?: { readonly resource: { readonly addr: string; readonly resource_type: string }; readonly action: string };
  /** Of `change_summary`: which operation it sums up. */
  readonly changes?: { readonly operation: string };
  readonly diagnostic?: { readonly severity: string; readonly summary: string; readonly detail: string; readonly address?: string };
}

export interface TerraformRun {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Travels as descriptor 3, so that Terraform and its scripts hold the lock too. @default - none, for what changes nothing */
  readonly lock?: number;
  readonly log: string;
  readonly onEvent?: (event: TerraformEvent) => void;
}

export interface TerraformResult {
  readonly code: number;
  /** What Terraform said was wrong, one text per error. */
  readonly errors: readonly string[];
  /** It came to no end of its own: somebody killed it. */
  readonly killed?: boolean;
}

/** @throws Failure when Terraform cannot be started in this environment */
export function requireTerraform({ environment }: Pick<TerraformRun, 'environment'>): void {
  const { error } = spawnSync('terraform', ['version'], { env: environment, stdio: 'ignore' });
  if (error !== undefined)
    throw new Failure(
      'terraform is not on PATH, and planning needs it: install Terraform 1.9 or newer; "npx flotilla synth --out DIR" needs none',
    );
}

const running = new Set<ReturnType<typeof spawn>>();

/** Asks every running Terraform to finish the step that it is in, to save its state and to stop. */
export function interruptTerraform(): void {
  for (const child of running) child.kill('SIGINT');
}

/** Runs Terraform in a stack's folder. When this process dies, Terraform is asked to stop by the kernel. */
export function terraform(args: readonly string[], run: TerraformRun): Promise<TerraformResult> {
  const command = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'INT', 'terraform'] : ['terraform'];
  const [program, ...before] = command as [string, ...string[]];
  makeSocketFolder(run.environment);
  const child = spawn(program, [...before, ...args], {
    cwd: run.folder,
    env: run.environment,
    stdio: ['ignore', 'pipe', 'pipe', run.lock ?? 'ignore'],
    // Out of the terminal's reach: Ctrl-C there would end Terraform's scripts before we could decide anything.
    detached: true,
  });
  running.add(child);
  if (child.pid !== undefined) goFirst(child.pid);
  const errors: string[] = [];
  const plain: { output: string[]; errors: string[] } = { output: [], errors: [] };
  const readInto =
    (lines: string[]) =>
    (line: string): void => {
      appendFileSync(run.log, `${line}\n`);
      const event = parse(line);
      if (event === null) lines.push(line);
      else if (event.type === 'diagnostic' && event.diagnostic?.severity === 'error') errors.push(sentence(event.diagnostic));
      if (event !== null) run.onEvent?.(event);
    };
  createInterface({ input: child.stdout! }).on('line', readInto(plain.output));
  createInterface({ input: child.stderr! }).on('line', readInto(plain.errors));
  return new Promise((resolve) => {
    child.on('error', (error) =>
      resolve({ code: 127, errors: [`terraform cannot be started: ${error.message}, "npx flotilla doctor" says what is missing`] }),
    );
    child.on('close', (code, signal) => {
      running.delete(child);
      const failed = code === null ? 1 : code;
      const said = errors.length > 0 || failed === 0 ? errors : (plain.errors.length > 0 ? plain.errors : plain.output).slice(-15);
      resolve({
        code: failed,
        ...(signal === null ? { errors: said } : { errors: [...said, `terraform was ended by ${signal}`], killed: true }),
      });
    });
  });
}

/** Steps of priority; ten weigh as much as nine others. */
const ahead = 10;

/**
 * Terraform and the providers that it starts come before the machines, which are many: on two cores it waited for a processor while steps were ready (12.5 % of
 * the makespan of `trio`). Only root may. Where Linux weighs whole sessions, which it does unless told otherwise, a process' own priority counts for nothing beside
 * other sessions.
 */
function goFirst(pid: number): void {
  try {
    setPriority(pid, Math.max(-20, getPriority() - ahead));
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(-ahead));
  } catch {
    // As it was, then: slower, and nothing else.
  }
}

function parse(line: string): TerraformEvent | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const sentence = ({ address, summary, detail }: { address?: string; summary: string; detail: string }): string =>
  [address === undefined ? summary : `${address}: ${summary}`, detail.trim()].filter((part) => part !== '').join('\n');
