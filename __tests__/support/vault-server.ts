import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { optionalFolder } from '../../artifacts/optional';
import { defaultCacheDir } from '../../artifacts/prepare';

export const repository = resolve(__dirname, '../..');

/** FLOTILLA_VAULT, else what `npm run test:vault` built, else `null`. */
export function vaultProgram(): string | null {
  if (process.env.FLOTILLA_VAULT) return process.env.FLOTILLA_VAULT;
  try {
    const folder = optionalFolder({ root: repository, cacheDir: defaultCacheDir() }, 'vault');
    return folder === null ? null : join(folder, 'vault');
  } catch {
    return null;
  }
}

/** `describe` where there is a Vault, else a note of what was not proven. */
export function describeWithVault(name: string, proves: string, body: () => void): void {
  const there = vaultProgram() !== null && [...programs].every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
  if (!there) console.warn(`${name}: not run, there is no Vault (or one of ${programs.join(', ')}); not proven: ${proves}`);
  (there ? describe : describe.skip)(name, body);
}

const programs = ['curl', 'jq', 'openssl'];

/** A Vault of its own for each test of a `describe`, running and, with its root token, open where that is wanted. */
export function vaultForEach(take: (vault: VaultServer, root: string) => void, { open }: { open: boolean }): void {
  let vault: VaultServer;
  beforeEach(async () => {
    vault = new VaultServer();
    await vault.start();
    take(vault, open ? await vault.open() : '');
  });
  afterEach(() => vault.dispose());
}

export async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real Vault with raft storage and its own seal, beside a deployment's folder, and our scripts to work on both. */
export class VaultServer {
  public readonly root = mkdtempSync(join(tmpdir(), 'flotilla-vault-'));
  public readonly deployment = join(this.root, '.flotilla/trio@test');
  /** A copy, so that a test may spoil it. */
  public readonly scripts = join(this.root, 'scripts');
  public address = '';
  private process: ChildProcess | undefined;
  private port = 0;

  constructor() {
    for (const folder of [this.deployment, join(this.root, 'data'), join(this.root, 'home')]) mkdirSync(folder, { recursive: true });
    cpSync(join(repository, 'scripts'), this.scripts, { recursive: true });
  }

  public async start(): Promise<void> {
    if (this.port === 0) this.port = await freePort();
    const inner = await freePort();
    this.address = `http://127.0.0.1:${this.port}`;
    const config = {
      storage: { raft: { path: join(this.root, 'data'), node_id: 'vault-0' } },
      listener: { tcp: { address: `127.0.0.1:${this.port}`, tls_disable: true } },
      api_addr: this.address,
      cluster_addr: `http://127.0.0.1:${inner}`,
      disable_mlock: true,
      plugin_directory: dirname(vaultProgram()!),
    };
    writeFileSync(join(this.root, 'vault.json'), JSON.stringify(config));
    const log = join(this.root, 'vault.log');
    this.process = spawn('sh', ['-c', `exec "$0" server -config="$1" >>"$2" 2>&1`, vaultProgram()!, join(this.root, 'vault.json'), log], {
      env: { PATH: process.env.PATH, HOME: join(this.root, 'home') },
    });
    const deadline = Date.now() + 60_000;
    while (!(await this.status())) {
      if (Date.now() > deadline || this.process.exitCode !== null) throw new Error(`Vault does not start:\n${this.log()}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** As a power cut does it: nothing is said first. */
  public async kill(): Promise<void> {
    const { process } = this;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise((done) => process.once('exit', done));
    process.kill('SIGKILL');
    await ended;
  }

  public async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Loses the data, as a claim that was deleted does. */
  public async empty(): Promise<void> {
    await this.kill();
    rmSync(join(this.root, 'data'), { recursive: true });
    mkdirSync(join(this.root, 'data'));
    await this.start();
  }

  public log = (): string => (existsSync(join(this.root, 'vault.log')) ? readFileSync(join(this.root, 'vault.log'), 'utf8') : '');

  public async status(): Promise<{ initialized: boolean; sealed: boolean } | undefined> {
    return this.ask('', 'GET', 'sys/seal-status').then(
      ({ data }) => data,
      () => undefined,
    );
  }

  /** A request of the test's own. */
  // biome-ignore lint/suspicious/noExplicitAny: what Vault answers
  public async ask(token: string, method: string, path: string, body?: object): Promise<{ status: number; data: any }> {
    // A connection for each request: one that idles while a script runs may be closed when it is used again.
    return new Promise((done, fail) => {
      const headers = token === '' ? {} : { 'X-Vault-Token': token };
      const asked = request(`${this.address}/v1/${path}`, { method, headers, agent: false }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => done({ status: answer.statusCode!, data: text === '' ? {} : JSON.parse(text) }));
      });
      asked.on('error', fail);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  public keys(cluster = 'hub'): { threshold: number; keys: string[]; rootToken: string } {
    return JSON.parse(readFileSync(join(this.deployment, `secrets/vault/${cluster}.json`), 'utf8'));
  }

  /** How a script is called for this Vault. */
  public call(script: string, input: object = {}): { words: string[]; environment: Record<string, string> } {
    return {
      words: [join(this.scripts, 'host', script)],
      environment: {
        PATH: process.env.PATH!,
        HOME: join(this.root, 'home'),
        INPUT: JSON.stringify({ deployment: this.deployment, cluster: 'hub', address: this.address, timeoutSeconds: 60, ...input }),
      },
    };
  }

  public run(script: string, input: object = {}, environment: Record<string, string> = {}): Run {
    const { words, environment: own } = this.call(script, input);
    const { status, stdout, stderr, error } = spawnSync('bash', words, {
      cwd: this.root,
      encoding: 'utf8',
      env: { ...own, ...environment },
    });
    if (error) throw error;
    return { code: status ?? 1, stdout, stderr };
  }

  /** Expects the script to succeed, and returns what it said. */
  public must(script: string, input: object = {}, environment: Record<string, string> = {}): string {
    const { code, stdout, stderr } = this.run(script, input, environment);
    if (code !== 0) throw new Error(`${script} ended with ${code}:\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** Initialised, open and able to ask Kubernetes; returns the root token. */
  public async open(): Promise<string> {
    this.must('vault-init.sh');
    this.must('vault-unseal.sh');
    const { rootToken } = this.keys();
    const plugin = join(dirname(vaultProgram()!), 'vault-plugin-auth-kubernetes');
    if (existsSync(plugin)) {
      const body = { sha256: createHash('sha256').update(readFileSync(plugin)).digest('hex'), command: 'vault-plugin-auth-kubernetes' };
      const { status, data } = await this.ask(rootToken, 'PUT', 'sys/plugins/catalog/auth/kubernetes', body);
      if (status >= 300) throw new Error(`Vault does not take the plugin: ${JSON.stringify(data)}`);
    }
    return rootToken;
  }

  /** A token that may do what these policies say, and nothing else. */
  public async tokenWith(root: string, ...policies: string[]): Promise<string> {
    const { data } = await this.ask(root, 'POST', 'auth/token/create', { policies, no_default_policy: true, ttl: '10m' });
    return data.auth.client_token;
  }

  /** Puts other words into the copy of a script. */
  public spoil(script: string, good: string, bad: string): void {
    const file = join(this.scripts, script);
    const text = readFileSync(file, 'utf8');
    if (!text.includes(good)) throw new Error(`${script} holds no ${good}`);
    writeFileSync(
      file,
      text.replace(good, () => bad),
    );
  }
}
