import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, root } from './lab-command';

/** A host on which tart, launchctl and softnet are fakes, and the machines of Tart real ones of nspawn. */
export class FakeMac {
  /** Everything of it: the state of the fakes, host data, fleet files. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'flotilla-mac-'));
  public readonly tartHome = join(this.folder, 'tart');
  public readonly hostData = join(this.folder, 'data');
  public readonly environment: NodeJS.ProcessEnv;

  constructor() {
    const bin = join(this.folder, 'bin');
    for (const folder of [bin, join(this.tartHome, 'fake')]) mkdirSync(folder, { recursive: true });
    for (const program of ['tart', 'launchctl', 'softnet'])
      symlinkSync(join(root, '__tests__', 'fakes', 'bin', program), join(bin, program));
    writeFileSync(join(this.tartHome, 'fake', 'body'), 'nspawn');
    this.write('askpass', '#!/bin/sh\necho admin\n');
    chmodSync(join(this.folder, 'askpass'), 0o700);
    this.environment = {
      ...process.env,
      PATH: `${bin}:${process.env.PATH}`,
      TART_HOME: this.tartHome,
      FLOTILLA_HOST_DATA: this.hostData,
      // The bodies are born from the offline node image, which has kubeadm.
      FLOTILLA_SOURCES: 'packages=offline',
    };
  }

  /** What the machines are born from. */
  public nodeImage(image: { readonly rootfs: string; readonly containerd: string | null }): void {
    writeFileSync(join(this.tartHome, 'fake', 'node-image.json'), JSON.stringify(image));
  }

  public write(path: string, text: string): string {
    writeFileSync(join(this.folder, path), text);
    return join(this.folder, path);
  }

  public tart(...args: string[]): string {
    return execFileSync('tart', args, { env: this.environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** `tart run` as an agent would, until the machine is off. */
  public run(machine: string): void {
    const { PATH, TART_HOME } = this.environment;
    spawn('tart', ['run', '--no-graphics', machine], { env: { PATH, TART_HOME }, stdio: 'ignore', detached: true }).unref();
  }

  /** Lines of bash, as a host script would run them. */
  public bash(lines: string, environment: NodeJS.ProcessEnv = {}): Ended {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -euo pipefail\n${lines}`], {
      env: { ...this.environment, ...environment },
      encoding: 'utf8',
      cwd: root,
    });
    return { code: status ?? 1, output: stdout + stderr };
  }

  /** The real command, as a user of this host would run it. */
  public flotilla(...args: string[]): Promise<Ended> {
    const child = spawn(process.execPath, [join(root, 'cli', 'bin.cjs'), ...args], {
      cwd: root,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        process.stderr.write(chunk);
      });
    }
    return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 1, output })));
  }

  /** Whether the image's password opens a machine; throws when nobody answers there. */
  public passwordOpens(address: string): boolean {
    const words = [
      '-F',
      '/dev/null',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'PubkeyAuthentication=no',
    ];
    const { status, stderr } = spawnSync(
      'ssh',
      [...words, '-o', 'NumberOfPasswordPrompts=1', '-o', 'ConnectTimeout=5', `admin@${address}`, 'true'],
      {
        env: { ...process.env, SSH_ASKPASS: join(this.folder, 'askpass'), SSH_ASKPASS_REQUIRE: 'force' },
        encoding: 'utf8',
      },
    );
    if (status !== 0 && !stderr.includes('Permission denied')) throw new Error(stderr);
    return status === 0;
  }

  /** Leases are the fake's lines "<machine> <address>". A machine must be off for another one. */
  public leases(): ReadonlyMap<string, string> {
    const lines = readFileSync(join(this.tartHome, 'fake', 'leases'), 'utf8')
      .trimEnd()
      .split('\n');
    return new Map(lines.map((line) => line.split(' ') as [string, string]));
  }

  public lease(machine: string, address: string): void {
    const changed = new Map(this.leases()).set(machine, address);
    writeFileSync(join(this.tartHome, 'fake', 'leases'), [...changed].map((line) => `${line.join(' ')}\n`).join(''));
  }

  /** What is left of machines, agents, claims and networks. */
  public remains(): readonly string[] {
    const below = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);
    const lines = (program: string, ...args: string[]): string[] => execFileSync(program, args, { encoding: 'utf8' }).split('\n');
    const own = (found: string[]): string[] => found.filter((line) => line.includes(this.folder));
    return [
      ...below(join(this.tartHome, 'vms')),
      ...below(join(this.folder, 'launchd')),
      ...below(this.hostData),
      ...own(lines('ps', '-eo', 'args=').filter((line) => !line.includes('jest'))),
      ...own(readFileSync('/proc/mounts', 'utf8').split('\n')),
      ...(existsSync(join(this.tartHome, 'fake', 'vmnet')) ? ['the network of the fake host'] : []),
    ];
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
