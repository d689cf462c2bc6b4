import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeClone } from './clone';

const packages = {
  '@cdktf/provider-helm': '12.1.2',
  '@cdktf/provider-kubernetes': '12.1.1',
  '@cdktf/provider-null': '11.0.1',
  '@types/node': '20.19.43',
  cdktf: '0.21.0',
  // Not ours: the oldest that the bindings allow.
  constructs: '10.4.2',
  typescript: '7.0.2',
};

/** A project of somebody else, with packages of its own and ours as it is packed. */
export class ForeignProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'flotilla-foreign-'));
  /** Files of the packed tarball, by their path. */
  readonly packed: readonly string[];

  constructor() {
    const clone = makeClone();
    execFileSync('npm', ['pack', '--pack-destination', this.folder, '--loglevel=error'], {
      cwd: clone,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    rmSync(clone, { recursive: true });
    const tarball = readdirSync(this.folder).find((file) => file.endsWith('.tgz'))!;
    this.packed = execFileSync('tar', ['-tzf', join(this.folder, tarball)], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean);
    this.write(
      'package.json',
      JSON.stringify({ name: 'foreign-app', private: true, dependencies: { flotilla: `file:${tarball}`, ...packages } }),
    );
    this.write('cdktf.json', JSON.stringify({ language: 'typescript', app: 'node main.js' }));
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Runs a program in the project. @returns its exit code and both streams */
  run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): { code: number | null; text: string } {
    const { FLOTILLA_FLEET: _fleet, FLOTILLA_OVERLAY: _overlay, FLOTILLA_MACHINE_PROVIDER: _provider, ...ours } = process.env;
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.folder,
      env: { ...ours, CHECKPOINT_DISABLE: '1', ...environment },
      encoding: 'utf8',
    });
    return { code: status, text: stdout + stderr };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
