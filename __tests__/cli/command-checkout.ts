import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { stringify } from 'yaml';
import { fakes, repository } from '../support/checkout';

/** A change of the product's source: in this file, this text becomes that one. */
export type Change = readonly [file: string, from: string | RegExp, to: string];

export type Command = (words: readonly string[]) => Promise<number>;

export interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** In place of the look at the host, which a test must not depend on: an `up` that gets here would go on and change machines. */
export const wentOn = 'every check before the host was passed';
const stopAtHost: Change = ['runner/session.ts', /^ {2}requireFit\(preview, look.*$/m, `  throw new Failure('${wentOn}');`];

/** The real command in a checkout of its own, on a provider whose machines are folders; without Terraform. */
export class CommandCheckout {
  readonly root = mkdtempSync(join(tmpdir(), 'flotilla-command-'));
  private readonly state = join(this.root, 'host');

  constructor() {
    for (const part of ['package.json', 'scripts', 'values', 'components/files'])
      cpSync(join(repository, part), join(this.root, part), { recursive: true });
    cpSync(join(fakes, 'provider'), join(this.root, 'provider'), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(this.root, 'node_modules'));
    mkdirSync(this.state);
    const scripts = join(this.root, 'provider');
    const hostScripts = { claim: join(scripts, 'host-claim.sh'), release: join(scripts, 'host-release.sh') };
    writeFileSync(join(this.root, 'fake.json'), JSON.stringify({ id: 'fake', summary: 'folders', scripts, hostScripts }));
  }

  /** The command with these changes of its source. */
  async bundle(name: string, changes: readonly Change[] = []): Promise<Command> {
    const open = new Set([stopAtHost, ...changes]);
    await build({
      entryPoints: [join(repository, 'cli/command.ts')],
      outfile: join(this.root, `${name}.cjs`),
      bundle: true,
      packages: 'external',
      platform: 'node',
      target: 'node20',
      logLevel: 'error',
      plugins: [
        {
          name: 'changes',
          setup: ({ onLoad }) =>
            onLoad({ filter: /\.ts$/ }, ({ path }) => {
              const mine = [...open].filter(([file]) => file === relative(repository, path));
              if (mine.length === 0) return undefined;
              let contents = readFileSync(path, 'utf8');
              for (const change of mine) {
                const changed = contents.replace(change[1], () => change[2]);
                if (changed === contents) throw new Error(`${change[0]} has no "${change[1]}" any more`);
                contents = changed;
                open.delete(change);
              }
              return { contents, loader: 'ts', resolveDir: dirname(path) };
            }),
        },
      ],
    });
    if (open.size > 0) throw new Error(`not part of the command: ${[...open].map(([file]) => file).join(', ')}`);
    return this.inside(() => (require(join(this.root, `${name}.cjs`)) as { runCommand: Command }).runCommand);
  }

  /** Runs the command in this process, which costs a tenth of a process of its own. */
  async run(command: Command, ...words: readonly string[]): Promise<Said> {
    let text = '';
    const hear = (...parts: unknown[]): void => {
      text += `${parts.join(' ')}\n`;
    };
    const spies = (['log', 'error'] as const).map((stream) => jest.spyOn(console, stream).mockImplementation(hear));
    try {
      return { code: await this.inside(() => command(words)), text };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  /** In the checkout, with an environment that points at it. */
  private async inside<T>(work: () => T | Promise<T>): Promise<T> {
    const [before, { FLOTILLA_FLEET: _fleet, FLOTILLA_OVERLAY: _overlay, ...environment }] = [process.cwd(), process.env];
    const own = process.env;
    process.env = {
      ...environment,
      FLOTILLA_MACHINE_PROVIDER: join(this.root, 'fake.json'),
      FLOTILLA_SOURCES: 'offline',
      FLOTILLA_FAKE_STATE: this.state,
      FLOTILLA_HOST_DATA: join(this.root, 'host-data'),
    };
    process.chdir(this.root);
    try {
      return await work();
    } finally {
      process.chdir(before);
      process.env = own;
    }
  }

  /** Writes a fleet file with a cluster of one node for each name, and returns its path from the checkout. */
  fleet(file: string, clusters: readonly string[], more: object = {}, ofCluster: object = {}): string {
    const node = (name: string) => ({ name: `${name}-cp-1`, role: 'control-plane', memoryMiB: 2048 });
    const components = { add: ['bridge-cni'], remove: ['local-path', 'metrics-server'] };
    const made = clusters.map((name) => ({
      name,
      id: name.charCodeAt(0) - 96,
      role: 'standalone',
      components,
      nodes: [node(name)],
      ...ofCluster,
    }));
    return this.write(file, stringify({ budget: { memoryMiB: 8192 }, ...more, clusters: made }));
  }

  write(file: string, text: string): string {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), text);
    return file;
  }

  /** A deployment as an `up` left it: its record, its model, and each cluster's machine on the host. */
  raise(deployment: string, record: object, model: object, clusters: readonly string[], hasState: boolean): void {
    const folder = `.flotilla/${deployment}`;
    this.write(`${folder}/deployment.json`, JSON.stringify(record));
    this.write(`${folder}/model.json`, JSON.stringify(model));
    for (const cluster of clusters) {
      const node = `${cluster}-cp-1`;
      this.write(`host/machines/${node}/machine.json`, '{}');
      this.write(`${folder}/nodes/${node}.json`, JSON.stringify({ node, cluster, role: 'control-plane', address: '10.77.0.11' }));
      if (hasState) this.write(`${folder}/state/${cluster}.tfstate`, JSON.stringify({ resources: [leaseOf(node)] }));
    }
  }

  readonly record = (deployment: string) => {
    const file = join(this.root, '.flotilla', deployment, 'deployment.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  };

  machines(): readonly string[] {
    const folder = join(this.state, 'machines');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  forget(): void {
    for (const part of ['.flotilla', 'host/machines', 'host-data', 'fleets', 'a', 'b'])
      rmSync(join(this.root, part), { recursive: true, force: true });
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const leaseOf = (node: string) => ({
  mode: 'managed',
  type: 'null_resource',
  name: 'lease',
  instances: [{ index_key: node, attributes: { id: '1', triggers: { node } } }],
});
