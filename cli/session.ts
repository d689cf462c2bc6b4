import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/package-root';
import { openDeployedFleet } from '../model/deployed-fleet';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { Failure } from './failure';
import { addresses } from './host/checks';
import { requireFitHost } from './host/fitness';
import { prepareSources, readSources, recordSources } from './host/sources';
import { type Deployment, describeDeployment, makeFolders } from './run/deployment';
import { Journal } from './run/journal';
import { type Lock, takeLock } from './run/lock';
import { mendStates } from './run/state-file';
import type { Selection } from './verb';

export interface Session {
  readonly deployment: Deployment;
  readonly journal: Journal;
  /** Present for verbs that change something. */
  readonly lock?: Lock;
}

export interface SessionOptions {
  readonly verb: string;
  /** Programs, images and stacks are made ready: what Terraform needs. */
  readonly prepare: boolean;
  /** The deployment's lock is taken: nobody else may write its stacks or its state meanwhile. */
  readonly changes: boolean;
}

/**
 * From a selection to a deployment that can be worked on: fleet file read and resolved, host checked, sources prepared, lock taken, stacks
 * synthesized. Nothing is created before the fleet file and the host are found to be good.
 * @throws UserError for what is wrong with the input, Failure for what is wrong with the host
 */
export async function openSession(selection: Selection, { verb, prepare, changes }: SessionOptions): Promise<Session> {
  const root = packageRoot();
  const wanted = { root, ...selection, busyCidrs: addresses().map(({ cidr }) => cidr) };
  const preview = openDeployedFleet({ ...wanted, create: false });
  if (prepare) requireFitHost(preview.model, preview.folder);
  const { model, folder } = prepare ? openDeployedFleet({ ...wanted, create: true }) : preview;
  for (const warning of model.warnings) console.error(`warning: ${warning}`);
  if (changes && !prepare && readSources(folder) === null) throw new Failure(`${model.deployment} has no machines yet: run "flotilla up"`);
  const sources = prepare ? recordSources(folder, await prepareSources()) : readSources(folder);
  if (prepare) makeFolders(folder);
  const deployment = describeDeployment(model, folder, sources?.bin ?? null, sources?.terraformConfig ?? null);
  const lock = changes ? takeLock(join(folder, 'lock'), verb) : undefined;
  const journal = new Journal();
  if (changes) for (const sentence of mendStates(folder)) journal.note(sentence);
  if (prepare) {
    const step = journal.begin('fleet', 'synth', 'synthesize');
    synthesize(model, deployment, sources?.chartMirror);
    journal.end(step);
  }
  return { deployment, journal, ...(lock ? { lock } : {}) };
}

/** The stacks' JSON, made by the program that knows the framework; this command does not. Folders of stacks that are gone are removed. */
function synthesize(model: ResolvedFleet, { folder, environment }: Deployment, chartMirror: string | undefined): void {
  const file = join(folder, 'model.json');
  writeFileSync(`${file}.half`, `${JSON.stringify(model, null, 2)}\n`);
  renameSync(`${file}.half`, file);
  const outdir = join(folder, 'cdktf.out');
  const { status } = spawnSync(process.execPath, [join(packageRoot(), 'cli', 'bin.cjs'), 'synth'], {
    env: { ...environment, FLOTILLA_MODEL: file, CDKTF_OUTDIR: outdir, ...(chartMirror ? { FLOTILLA_CHARTS: chartMirror } : {}) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Failure('the synthesis failed, see above');
  const wanted = new Set(model.stacks.map(({ name }) => name));
  for (const stack of readdirSync(join(outdir, 'stacks'))) {
    if (!wanted.has(stack)) rmSync(join(outdir, 'stacks', stack), { recursive: true, force: true });
  }
}
