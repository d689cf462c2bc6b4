import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { packageRoot } from '../../config/package-root';
import type { Ended } from './lab-command';

/** A checkout beside ours with what is in our working tree, without packages and deployments; its command installs what it needs. */
export class CheckoutCopy {
  readonly fleet: string;

  constructor(
    readonly root: string,
    readonly name: string,
  ) {
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: packageRoot() });
    mkdirSync(root, { recursive: true });
    // Deleted files are listed until the deletion is committed.
    const tar = ['-C', packageRoot(), '--null', '--files-from=-', '--ignore-failed-read', '-cf', '-'];
    const archive = execFileSync('tar', tar, { input: files, maxBuffer: 1e9, stdio: ['pipe', 'pipe', 'ignore'] });
    execFileSync('tar', ['-C', root, '-xf', '-'], { input: archive });
    this.fleet = join(root, 'fleets', `${name}.yaml`);
    this.resize(1700);
  }

  /** One control plane of this size, and nothing on it but its network. */
  resize(memoryMiB: number): void {
    const node = { name: `${this.name}-cp-1`, role: 'control-plane', memoryMiB };
    const components = { add: ['bridge-cni'], remove: ['local-path', 'metrics-server'] };
    const clusters = [{ name: this.name, id: 1, role: 'standalone', components, nodes: [node] }];
    writeFileSync(this.fleet, stringify({ provider: 'nspawn', budget: { memoryMiB: 4096 }, clusters }));
  }

  get deployment(): string {
    return join(this.root, '.flotilla', `${this.name}@nspawn`);
  }

  run(...args: string[]): Promise<Ended> {
    const words = [join(this.root, 'cli', 'bin.cjs'), ...args, '--fleet', this.name];
    const child = spawn(process.execPath, words, { cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 137, output })));
  }

  kubectl(bin: string, ...args: string[]): string {
    const config = join(this.deployment, 'kubeconfig', this.name);
    return execFileSync(join(bin, 'kubectl'), [`--kubeconfig=${config}`, ...args], { encoding: 'utf8', timeout: 180_000 });
  }
}
