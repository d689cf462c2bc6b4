import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { artifacts } from '../../artifacts/artifacts';
import { artifactFolder } from '../../artifacts/engine';
import { artifactKeys } from '../../artifacts/keys';
import { defaultCacheDir, prepare } from '../../artifacts/prepare';
import { fakes, repository } from './checkout';
import { kill, labModel } from './terraform-lab';

export interface Said {
  readonly code: number | null;
  /** What it printed, both streams, without colours. */
  readonly text: string;
}

const parts =
  'package.json package-lock.json cdktf.json tsconfig.json tsconfig.build.json main.ts index.ts cli config model machines components constructs stacks artifacts runner chart-lint docs scripts charts values fleets README.md CHANGELOG.md LICENSE .npmrc';

/** A checkout of our sources as they are, with packages of its own, so that the tests build and link nothing in the real one. */
export function makeClone(): string {
  const root = mkdtempSync(join(tmpdir(), 'flotilla-clone-'));
  for (const part of parts.split(' '))
    if (existsSync(join(repository, part))) cpSync(join(repository, part), join(root, part), { recursive: true });
  const modules = join(repository, 'node_modules');
  // Hard links take a second; across file systems a copy takes some more.
  if (spawnSync('cp', ['-al', modules, root], { stdio: 'ignore' }).status !== 0) execFileSync('cp', ['-a', modules, root]);
  rmSync(join(root, 'node_modules', '.cache'), { recursive: true, force: true });
  return root;
}

/** The real command in a clone, on machines that are fakes: its host, its cache and its provider are folders below the clone's. */
export class FakeHost {
  readonly root = makeClone();
  readonly deployment = join(this.root, '.flotilla', 'two@fake');
  private readonly state = join(this.root, 'host', 'state');
  private readonly environment: NodeJS.ProcessEnv;

  /** @param mirror of all providers, see providerMirror */
  constructor(fleet: string, mirror: string) {
    mkdirSync(this.state, { recursive: true });
    writeFileSync(join(this.root, 'fleets', 'two.yaml'), fleet);
    // The fakes find each other by their places; labModel writes the provider that points at them.
    cpSync(join(fakes, 'provider'), join(this.root, 'provider'), { recursive: true });
    labModel(this.root);
    const { TF_CLI_CONFIG_FILE: _, ...environment } = process.env;
    this.environment = {
      ...environment,
      // The fake ssh is what a host would have.
      PATH: [join(fakes, 'bin'), process.env.PATH].join(delimiter),
      CI: '1',
      CHECKPOINT_DISABLE: '1',
      CDKTF_HOME: join(this.root, 'host'),
      // Terraform reads a configuration at home: of nobody.
      HOME: join(this.root, 'host'),
      FLOTILLA_FLEET: 'two',
      FLOTILLA_SOURCES: 'offline',
      FLOTILLA_CACHE: this.makeCache(mirror),
      FLOTILLA_HOST_DATA: join(this.root, 'host', 'data'),
      FLOTILLA_FAKE_STATE: this.state,
      FLOTILLA_FAKE_SCRIPTS: join(this.root, 'scripts'),
    };
  }

  /** A cache in which everything is there already, with fake programs and the real providers. */
  private makeCache(mirror: string): string {
    const cache = join(this.root, 'host', 'cache');
    const stands: Record<string, string> = { 'host-tools': join(fakes, 'bin'), 'provider-mirror': mirror };
    for (const [id, key] of artifactKeys(this.root, artifacts)) {
      const folder = artifactFolder(cache, id, key);
      mkdirSync(dirname(folder), { recursive: true });
      if (stands[id]) symlinkSync(stands[id], folder);
      else mkdirSync(folder);
    }
    return cache;
  }

  /** Runs a program to its end, in the clone unless told otherwise. */
  run(program: string, args: readonly string[], options: { cwd?: string; environment?: NodeJS.ProcessEnv } = {}): Promise<Said> {
    return this.start(program, args, options).ended;
  }

  start(program: string, args: readonly string[], options: { cwd?: string; environment?: NodeJS.ProcessEnv } = {}) {
    const child = spawn(program, args, {
      cwd: options.cwd ?? this.root,
      env: { ...this.environment, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += chunk;
      });
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
    const plain = (): string => text.replace(/\x1b\[[0-9;]*m/g, '');
    const ended = new Promise<Said>((resolve) => {
      child.on('error', (error) => resolve({ code: 127, text: `${plain()}${error.message}` }));
      child.on('close', (code) => resolve({ code, text: plain() }));
    });
    return { child, ended };
  }

  flotilla = (...args: string[]): Promise<Said> => this.run(process.execPath, [join(this.root, 'cli', 'bin.cjs'), ...args]);

  /** What the fake programs do wrong from now on. */
  breakAt(fault: string): void {
    for (const file of readdirSync(this.state)) if (/^(count-|hanging|go-on)/.test(file)) rmSync(join(this.state, file));
    writeFileSync(join(this.state, 'faults'), fault);
  }

  readonly isHanging = (): boolean => existsSync(join(this.state, 'hanging'));
  goOn(): void {
    writeFileSync(join(this.state, 'go-on'), '');
  }

  /** Nodes whose machine was made and not deleted. */
  machines(): readonly string[] {
    const folder = join(this.state, 'machines');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  dispose(): void {
    for (const node of this.machines()) {
      const file = join(this.state, 'machines', node, 'pid');
      const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
      if (pid > 1 && existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('fake-machine')) kill(pid);
    }
    if (process.env.FLOTILLA_KEEP_LABS) console.log(this.root);
    else rmSync(this.root, { recursive: true, force: true });
  }
}

/** All providers, built when they are not in the cache yet: some minutes, once. */
export async function providerMirror(): Promise<string> {
  const prepared = await prepare({ root: repository, cacheDir: defaultCacheDir(), only: ['provider-mirror'], onEvent: () => {} });
  return prepared.providerMirror;
}

/** cdktf's command of this version, installed once beside the other things that are only cached. */
export function cdktfCommand(version = '0.21.0'): string {
  const folder = join(defaultCacheDir(), `cdktf-cli-${version}`);
  const command = join(folder, 'node_modules', 'cdktf-cli', 'bundle', 'bin', 'cdktf');
  if (existsSync(command)) return command;
  mkdirSync(folder, { recursive: true });
  const half = mkdtempSync(`${folder}.half-`);
  execFileSync('npm', [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefix',
    half,
    `cdktf-cli@${version}`,
  ]);
  rmSync(folder, { recursive: true });
  renameSync(half, folder);
  return command;
}
