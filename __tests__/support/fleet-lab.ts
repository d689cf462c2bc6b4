import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import type { FleetStatus } from '../../runner/cluster/status';
import { destroyDeployment, type Ended, eventually, root, flotilla as shown, start } from './lab-command';
import { assertMayDestroy } from './may-destroy';
import { outOfOrder, runsOf } from './recorded-order';
import { remains } from './remains';

interface FleetFile {
  readonly clusters: { readonly name: string; components?: Components }[];
}

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status: { readonly phase: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface Components {
  add?: string[];
  remove?: string[];
  values?: object;
}

/** Changes the components of clusters, each found by its name. */
export type Change = (of: (cluster: string) => Components) => void;

/**
 * One of the fleets with all that it installs, laid on this host. Charts that cannot be had here are stand-ins: what is shown is order, values, namespaces,
 * secrets and steps, and Vault itself, not that the software behind the other charts works.
 */
export class FleetLab {
  readonly folder: string;
  private readonly place: string;

  constructor(readonly name: string) {
    this.folder = join(root, '.flotilla', `${name}+nspawn@nspawn`);
    this.place = join(mkdtempSync(join(tmpdir(), 'flotilla-')), `${name}.yaml`);
  }

  /** The fleet's file with something changed. Always at the same place: a deployment has one fleet file. */
  file(change: Change = () => {}): string {
    const fleet: FleetFile = parse(readFileSync(join(root, 'fleets', `${this.name}.yaml`), 'utf8'));
    change((name) => {
      const cluster = fleet.clusters.find((one) => one.name === name)!;
      cluster.components ??= {};
      return cluster.components;
    });
    writeFileSync(this.place, stringify(fleet));
    return this.place;
  }

  run(verb: string, file: string, ...args: string[]): Promise<Ended> {
    return shown(verb, '--fleet', file, '--overlay', 'nspawn', ...args);
  }

  private async data(verb: string, file: string) {
    const { output } = await start(verb, '--fleet', file, '--overlay', 'nspawn', '--json').ended;
    return JSON.parse(output.slice(output.indexOf('{')));
  }

  model(file: string): Promise<ResolvedFleet> {
    return this.data('model', file);
  }

  status(): Promise<FleetStatus> {
    return this.data('status', this.file());
  }

  read(file: string) {
    return JSON.parse(readFileSync(join(this.folder, file), 'utf8'));
  }

  kubectl(cluster: string, ...args: string[]): string {
    const words = [`--kubeconfig=${this.folder}/kubeconfig/${cluster}`, '--request-timeout=20s', ...args];
    return execFileSync(join(this.read('sources.json').bin, 'kubectl'), words, { encoding: 'utf8', timeout: 120_000 });
  }

  /** Terraform on one stack, as a person would call it: none of our looks before it. */
  terraform(stack: string, ...args: string[]): Ended {
    const environment = { ...process.env, TF_CLI_CONFIG_FILE: join(this.folder, 'terraform.rc'), CHECKPOINT_DISABLE: '1' };
    const cwd = join(this.folder, 'cdktf.out', 'stacks', stack);
    const { status, stdout, stderr } = spawnSync('terraform', args, { cwd, env: environment, encoding: 'utf8' });
    return { code: status ?? 1, output: stdout + stderr };
  }

  nodesOf(cluster: string): readonly string[] {
    const { clusters } = this.read('model.json') as ResolvedFleet;
    return clusters.filter(({ name }) => name === cluster).flatMap(({ nodes }) => nodes.map(({ name }) => name));
  }

  /** One machine loses its power. */
  cut(node: string): void {
    this.machine('machine-stop', { uid: this.read('deployment.json').uid, node, how: 'power-cut', timeoutSeconds: 10 });
  }

  /** One machine gets its power back, and nothing else is done for it. */
  power(node: string): void {
    this.machine('machine-up', this.read(`nodes/${node}.json`));
  }

  private machine(script: string, input: object): void {
    const env = { ...process.env, INPUT: JSON.stringify({ ...input, deployment: this.folder }) };
    execFileSync('bash', [join(root, 'scripts', 'host', 'nspawn', `${script}.sh`)], { env });
  }

  /** `<namespace>/<pod>` of those that do not do what they are there for. */
  unready(cluster: string): readonly string[] {
    const { items } = JSON.parse(this.kubectl(cluster, 'get', 'pods', '--all-namespaces', '--output=json')) as { items: readonly Pod[] };
    return items
      .filter(
        ({ status: { phase, conditions = [] } }) =>
          phase !== 'Succeeded' && !conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  /** `<namespace>/<release>` to its newest revision and what Helm says of that one. */
  releases(cluster: string): ReadonlyMap<string, { readonly revision: number; readonly status: string }> {
    const columns =
      'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.labels.name} {.metadata.labels.version} {.metadata.labels.status}{"\\n"}{end}';
    const found = new Map<string, { revision: number; status: string }>();
    const told = this.kubectl(cluster, 'get', 'secrets', '--all-namespaces', '--selector=owner=helm', `--output=${columns}`);
    for (const line of told.trim().split('\n')) {
      const [name, version, status] = line.split(' ') as [string, string, string];
      if (Number(version) > (found.get(name)?.revision ?? 0)) found.set(name, { revision: Number(version), status });
    }
    return found;
  }

  /** `<cluster>: <namespace>/<release>` to its newest revision, of the whole fleet. */
  allReleases(): Readonly<Record<string, number>> {
    const clusters: readonly { name: string }[] = this.read('model.json').clusters;
    return Object.fromEntries(
      clusters.flatMap(({ name }) => [...this.releases(name)].map(([release, { revision }]) => [`${name}: ${release}`, revision])),
    );
  }
}

/** The tests that every complete fleet has to pass, with those of its own between the second `up` and the end. */
export function raisesWhole(lab: FleetLab, own: () => void = () => {}): void {
  let uid = '';
  beforeAll(async () => {
    assertMayDestroy(lab.folder);
    await destroyDeployment(lab.folder);
  });
  afterAll(async () => {
    if (existsSync(join(lab.folder, 'deployment.json'))) await lab.run('destroy', lab.file(), '--yes');
  });

  test('up installs everything', async () => {
    const { code, output } = await lab.run('up', lab.file());
    expect(code).toBe(0);
    expect(output).toMatch(/idle while ready \d/);
    expect(output).toContain('STAND-INS, not the real software');
    uid = lab.read('deployment.json').uid;
    for (const { name, components } of (await lab.model(lab.file())).clusters) {
      const there = lab.releases(name);
      expect([...there].filter(([, { status }]) => status !== 'deployed')).toEqual([]);
      expect([...there.keys()]).toEqual(expect.arrayContaining(components.map(({ id, namespace }) => `${namespace.name}/${id}`)));
    }
    expect((await lab.status()).clusters.filter(({ ready }) => !ready)).toEqual([]);
  });

  test('nothing was begun before what it depends on was over', async () => {
    const run = runsOf(lab.folder).at(-1)!;
    const { clusters } = await lab.model(lab.file());
    expect(clusters.flatMap(({ name, components }) => outOfOrder(run, name, components))).toEqual([]);
    // The twin: with an edge that was never there the same question finds fault.
    const { name, components } = clusters[0]!;
    const last = components.at(-1)!.id;
    const withEdge = components.map((one) => (one.id === 'local-path' ? { ...one, dependsOn: [last] } : one));
    expect(outOfOrder(run, name, withEdge)).toEqual([`${name}: local-path began before ${last} was over`]);
  });

  test('what components say of themselves holds', async () => {
    // Ten kubelets on two cores: one that is late with its lease is not Ready for a moment.
    const output = await eventually(120, async () => {
      const run = await lab.run('verify', lab.file());
      if (run.code !== 0) throw new Error(run.output);
      return run.output;
    });
    expect(output).toMatch(/\d+ checks hold, 0 do not/);
  });

  test('a second up changes nothing and says so', async () => {
    const before = lab.allReleases();
    const { code, output } = await lab.run('up', lab.file());
    expect([code, output]).toEqual([0, expect.stringContaining('nothing to do')]);
    expect(lab.allReleases()).toEqual(before);
  });

  own();

  test('destroy leaves nothing', async () => {
    expect(remains(uid)).not.toEqual([]);
    expect((await lab.run('destroy', lab.file(), '--yes')).code).toBe(0);
    expect(remains(uid)).toEqual([]);
  });
}
