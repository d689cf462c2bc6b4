import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

export const repository = resolve(__dirname, '../..');
export const scripts = join(repository, 'scripts');

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A scratch folder with a deployment in it and stub programs that come first on PATH and write down how they were called. */
export class Sandbox {
  public readonly root = mkdtempSync(join(tmpdir(), 'scripts-'));
  public readonly deployment = join(this.root, '.flotilla/lab@nspawn');
  private readonly bin = join(this.root, 'bin');
  private readonly record = join(this.root, 'calls');

  constructor() {
    for (const folder of [this.bin, join(this.deployment, 'nodes'), join(this.root, 'home')]) mkdirSync(folder, { recursive: true });
  }

  /** @param body bash; a call is written down before it runs */
  public stub(program: string, body = ''): void {
    const file = join(this.bin, program);
    writeFileSync(file, `#!/usr/bin/env bash\nprintf '%s\\n' "${program} $*" >>'${this.record}'\n${body}\n`);
    chmodSync(file, 0o755);
  }

  public write(path: string, content: string | object): string {
    const file = join(this.root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  /** A script with INPUT; `null` leaves INPUT out. */
  public script(path: string, input: object | null, environment: Record<string, string> = {}): Run {
    return this.bash([join(scripts, path)], { ...(input === null ? {} : { INPUT: JSON.stringify(input) }), ...environment });
  }

  /** Lines of bash with `libs` sourced before. */
  public lines(libs: readonly string[], body: string, environment: Record<string, string> = {}): Run {
    const sourced = libs.map((lib) => `. '${join(scripts, lib)}'`).join('\n');
    return this.bash(['-c', `set -euo pipefail\n${sourced}\n${body}`], environment);
  }

  public calls(): readonly string[] {
    try {
      return readFileSync(this.record, 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  }

  /** Every file below the root with its time and content, to see that nothing changed. */
  public picture(): string {
    const files = readdirSync(this.root, { recursive: true, encoding: 'utf8' }).sort();
    return files
      .map((file) => {
        const found = statSync(join(this.root, file));
        return found.isFile() ? `${file} ${found.mtimeMs} ${readFileSync(join(this.root, file), 'utf8')}` : file;
      })
      .join('\n');
  }

  public remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A copy of our scripts that a test may spoil. @returns its folder */
  public copy(): string {
    const folder = join(this.root, 'scripts');
    cpSync(scripts, folder, { recursive: true });
    return folder;
  }

  /** Two clusters, hub and edge, whose kubectl is this bash. @returns the folder that it finds as $API */
  public clusters(kubectl: string): string {
    const store = join(this.root, 'api');
    mkdirSync(store);
    this.write('.flotilla/lab@nspawn/sources.json', { bin: this.bin });
    for (const cluster of ['hub', 'edge']) this.write(`.flotilla/lab@nspawn/kubeconfig/${cluster}`, 'a');
    this.stub('kubectl', kubectl);
    return store;
  }

  public bash(words: readonly string[], environment: Record<string, string>): Run {
    const { status, stdout, stderr } = spawnSync('bash', words, {
      cwd: this.root,
      encoding: 'utf8',
      env: {
        PATH: [this.bin, process.env.PATH].join(delimiter),
        HOME: join(this.root, 'home'),
        FLOTILLA_HOST_DATA: join(this.root, 'host'),
        ...environment,
      },
    });
    return { code: status ?? 1, stdout, stderr };
  }
}
