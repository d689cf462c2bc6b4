import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { type CollectorProgram, collectorPrograms } from '../../../artifacts/collectors';
import { optionalFolder } from '../../../artifacts/optional';
import { defaultCacheDir } from '../../../artifacts/prepare';

export type ProgramId = CollectorProgram['id'];

/** The variable of its name (FLOTILLA_OTEL_COLLECTOR), else what `npm run test:collectors` built, else `null`. */
export function programOf(id: ProgramId): string | null {
  const told = process.env[`FLOTILLA_${id.toUpperCase().replaceAll('-', '_')}`];
  if (told) return told;
  try {
    const folder = optionalFolder({ root: resolve(__dirname, '../../..'), cacheDir: defaultCacheDir() }, id);
    return folder === null ? null : join(folder, id);
  } catch {
    return null;
  }
}

/** `describe` where the program was built, else a note of what was not proven. */
export function describeWithProgram(id: ProgramId): jest.Describe {
  if (programOf(id) !== null) return describe;
  console.warn(`${id} is not built; not proven: ${collectorPrograms.find((one) => one.id === id)!.proves}`);
  return describe.skip;
}

/** What the program says against a configuration, the end of it; `null` when it accepts. */
export function refusal(id: ProgramId, args: readonly string[], env: NodeJS.ProcessEnv = {}): string | null {
  const { status, stdout, stderr, error } = spawnSync(programOf(id)!, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
    timeout: 120_000,
  });
  return status === 0 ? null : `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.slice(-4000);
}

/** A program that runs until it is killed. */
export class Daemon {
  private process: ChildProcess | undefined;

  constructor(
    private readonly program: string,
    private readonly args: readonly string[],
    private readonly logFile: string,
    private readonly env: NodeJS.ProcessEnv = {},
  ) {}

  /** Resolves when the address answers 200. @throws Error with the end of its log when it ends first, or after two minutes */
  public async start(readyUrl: string): Promise<void> {
    const log = openSync(this.logFile, 'a');
    this.process = spawn(this.program, this.args, { stdio: ['ignore', log, log], env: { PATH: process.env.PATH, ...this.env } });
    await until(
      async () => {
        if (this.process!.exitCode !== null) throw new Error(`it ended:\n${this.log()}`);
        return (await fetch(readyUrl).catch(() => null))?.status === 200;
      },
      `${readyUrl} answers`,
      () => this.log(),
    );
  }

  /** As a power cut of the program: it writes nothing more. */
  public async kill(): Promise<void> {
    const { process } = this;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const gone = once(process, 'exit');
    process.kill('SIGKILL');
    await gone;
  }

  private log = (): string => readFileSync(this.logFile, 'utf8').slice(-3000);
}

/** Waits up to two minutes; hosts of tests are busy. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, why: () => string = () => ''): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}\n${why()}`);
    await pause(100);
  }
}

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
