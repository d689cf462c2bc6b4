import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { openDeployedFleet } from '../../runner/deployment/open';
import type { StackOutcome } from '../../runner/terraform/stack-run';
import { fakes, nullMirror } from './checkout';

export interface Call {
  readonly program: string;
  readonly node: string;
  readonly what: string;
}

export interface Run {
  readonly code: number | null;
  readonly outcomes: readonly StackOutcome[];
  readonly notes: readonly string[];
  readonly stderr: string;
}

export type Stack = { resource: { null_resource: Record<string, Record<string, unknown>> } };

/** The fleet `lab` on the fake provider, up to the kubeconfigs: what is installed on a cluster needs a live API. */
export function labModel(checkout: string): ResolvedFleet {
  const provider = join(checkout, 'fake.json');
  const scripts = join(checkout, 'provider');
  const hostScripts = { claim: join(scripts, 'host-claim.sh'), release: join(scripts, 'host-release.sh') };
  writeFileSync(provider, JSON.stringify({ id: 'fake', summary: 'files and processes', scripts, hostScripts }));
  process.env.FLOTILLA_MACHINE_PROVIDER = provider;
  const { model } = openDeployedFleet({ root: checkout, fleet: 'lab', overlay: null, busyCidrs: [], create: true });
  return { ...model, stacks: model.stacks.filter(({ kind }) => kind !== 'platform') };
}

export const withoutNode = (model: ResolvedFleet, name: string): ResolvedFleet => ({
  ...model,
  clusters: model.clusters.map((cluster) => ({ ...cluster, nodes: cluster.nodes.filter((node) => node.name !== name) })),
});

/** Where programs of a test put what is theirs for a while, below `root`; at the end nothing may be in it. */
export function temporary(root: string): string {
  const folder = join(root, 'tmp');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The stacks of a model, by the real program. @returns the output folder */
export async function synthesize(checkout: string, name: string, model: ResolvedFleet): Promise<string> {
  const file = join(checkout, `${name}.json`);
  const outdir = join(checkout, `stacks-of-${name}`);
  writeFileSync(file, JSON.stringify(model));
  const { code, stderr } = await ended(
    spawn(process.execPath, [join(checkout, 'synth.cjs')], {
      env: { ...process.env, TMPDIR: temporary(checkout), FLOTILLA_MODEL: file, CDKTF_OUTDIR: outdir },
    }),
  );
  if (code !== 0) throw new Error(`synthesis of ${name}: ${stderr}`);
  return outdir;
}

/** One deployment on one fake host. */
export class Lab {
  readonly host = mkdtempSync(join(tmpdir(), 'flotilla-lab-'));
  readonly folder = join(this.host, '.flotilla', 'lab@fake');
  /** What the fake programs know: see fakes/provider/fake.sh. */
  readonly state = join(this.host, 'state');
  /** What the runs find in their environment besides ours. */
  readonly environment: Record<string, string> = {};
  /** Where the fake programs are, before all others of PATH. */
  readonly bin = join(this.host, 'bin');

  /** @param spiedOn real programs whose command lines and environments are written down too */
  constructor(
    private readonly checkout: string,
    spiedOn: readonly string[] = [],
  ) {
    for (const folder of [this.folder, this.state, this.bin]) mkdirSync(folder, { recursive: true });
    for (const program of readdirSync(join(fakes, 'bin'))) symlinkSync(join(fakes, 'bin', program), join(this.bin, program));
    for (const program of spiedOn) symlinkSync(join(fakes, 'spy', 'spy'), join(this.bin, program));
    writeFileSync(
      join(this.folder, 'terraform.rc'),
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(nullMirror())}\n  }\n}\n`,
    );
    const image = { rootfs: this.host, digest: 'fake' };
    const sources = {
      bin: this.bin,
      nodeImage: image,
      registryStore: this.host,
      chartMirror: this.host,
      terraformConfig: join(this.folder, 'terraform.rc'),
    };
    writeFileSync(join(this.folder, 'sources.json'), JSON.stringify(sources));
  }

  /** Makes these stacks the deployment's, those of the model only. */
  use(outdir: string, model: ResolvedFleet, sabotage: (stack: Stack, name: string) => void = () => {}): void {
    writeFileSync(join(this.folder, 'model.json'), JSON.stringify(model));
    for (const { name } of model.stacks) {
      const folder = join(this.folder, 'cdktf.out', 'stacks', name);
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(outdir, 'stacks', name), folder, { recursive: true });
      const file = join(folder, 'cdk.tf.json');
      const stack: Stack = JSON.parse(readFileSync(file, 'utf8'));
      sabotage(stack, name);
      writeFileSync(file, JSON.stringify(stack));
    }
  }

  /** Begins a run of the real runner in a process group of its own. */
  start(verb: 'up' | 'destroy' | 'diff'): ChildProcess {
    const told = { FLOTILLA_FAKE_STATE: this.state, FLOTILLA_FAKE_SCRIPTS: join(this.checkout, 'scripts') };
    const environment = { ...process.env, TMPDIR: temporary(this.host), ...told, ...this.environment };
    return spawn(process.execPath, [join(this.checkout, 'runner.cjs'), verb, this.folder], {
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async run(verb: 'up' | 'destroy' | 'diff'): Promise<Run> {
    return finished(this.start(verb));
  }

  /** What the fake programs do wrong from now on. */
  breakAt(...faults: string[]): void {
    for (const file of readdirSync(this.state)) if (/^(count-|hanging|go-on)/.test(file)) rmSync(join(this.state, file));
    writeFileSync(join(this.state, 'faults'), faults.join('\n'));
  }

  calls(): readonly Call[] {
    const file = join(this.state, 'calls');
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
  }

  forgetCalls(): void {
    rmSync(join(this.state, 'calls'), { force: true });
  }

  /** Nodes whose machine is a living process. */
  machines(): readonly string[] {
    return list(join(this.state, 'machines')).filter((node) => isProcess(this.processOf(node)));
  }

  processOf(node: string): number {
    const file = join(this.state, 'machines', node, 'pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  }

  /** The machine is gone with all its data, as after a loss of its disk. */
  lose(node: string): void {
    kill(this.processOf(node));
    rmSync(join(this.state, 'machines', node), { recursive: true });
  }

  /** Nodes that the deployment knows of. */
  nodes(): readonly string[] {
    return list(join(this.folder, 'nodes'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.replace(/\.json$/, ''));
  }

  /** The runs, their Terraform and their scripts, which are of many process groups; a machine does not carry our environment. */
  processesOfRuns(): readonly number[] {
    const mark = `FLOTILLA_FAKE_STATE=${this.state}`;
    return processes().filter((pid) => pid !== process.pid && readProc(pid, 'environ').split('\0').includes(mark));
  }

  /** SIGKILL for all of them. */
  killRuns(): void {
    for (let found = this.processesOfRuns(); found.length > 0; found = this.processesOfRuns()) found.forEach(killQuietly);
  }

  /** Ends everything that this lab has started and removes it. */
  dispose(): void {
    this.killRuns();
    for (const node of this.machines()) kill(this.processOf(node));
    if (process.env.FLOTILLA_KEEP_LABS) console.log(this.host);
    else rmSync(this.host, { recursive: true, force: true });
  }
}

/** SIGKILL for one process. Throws Error when there is none: to the system, process 0 is everybody in our own group. */
export function kill(pid: number): void {
  if (!(pid > 1)) throw new Error(`there is no process ${pid} to kill`);
  process.kill(pid, 'SIGKILL');
}

export async function finished(child: ChildProcess): Promise<Run> {
  const { code, stdout, stderr } = await ended(child);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return { code, stderr, ...(last.startsWith('{') ? JSON.parse(last) : { outcomes: [], notes: [] }) };
}

export async function waitUntil(what: string, holds: () => boolean, seconds = 15): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`after ${seconds} s still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Processes that a run has started itself and whose command line contains this, e.g. `terraform apply`. */
export const processesOf = (run: ChildProcess, words: string): readonly number[] =>
  processes().filter((pid) => commandLine(pid).replaceAll('\0', ' ').includes(words) && parentOf(pid) === run.pid);

const processes = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);

// The name before it is in parentheses and may hold anything.
const parentOf = (pid: number): number =>
  Number(
    readProc(pid, 'stat')
      .replace(/^.*\) \S /s, '')
      .split(' ')[0],
  );

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

const commandLine = (pid: number): string => readProc(pid, 'cmdline');

/** Empty for a process that has just ended. */
function readProc(pid: number, file: 'cmdline' | 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function killQuietly(pid: number): void {
  try {
    kill(pid);
  } catch {
    // It has ended by itself.
  }
}

const isProcess = (pid: number): boolean => pid > 0 && commandLine(pid).startsWith('fake-machine');

function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}
