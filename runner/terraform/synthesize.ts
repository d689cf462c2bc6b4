import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../config/failure';
import { packageRoot } from '../../config/package-root';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { writeAtOnce } from '../deployment/write-atomically';
import { isLinkOrNothing, linkOutput, pointAtProviders } from './output-link';

/**
 * The stacks' JSON, made by the program that knows the framework; this command does not. Folders of stacks that are gone are removed, and
 * `cdktf.out` beside `.flotilla` leads to the deployment that was synthesized last.
 */
export function synthesize(deployment: Deployment, chartMirror: string): void {
  const { model, folder, environment } = deployment;
  const outdir = join(folder, 'cdktf.out');
  writeStacks({ model, file: join(folder, 'model.json'), outdir, chartMirror, environment });
  pointAtProviders(deployment);
  const link = join(folder, '..', '..', 'cdktf.out');
  // A preview in a temporary folder has no checkout around it.
  if (existsSync(join(folder, '..', '..', 'package.json')) && isLinkOrNothing(link)) linkOutput(link, outdir);
}

export interface Synthesis {
  readonly model: ResolvedFleet;
  /** Where the model is written for the program that synthesizes. */
  readonly file: string;
  readonly outdir: string;
  /** Folder of charts that do not come from their repositories. */
  readonly chartMirror: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Writes the stacks of a model. Folders of stacks that the model does not have are removed. @throws Failure when the synthesis fails */
export function writeStacks({ model, file, outdir, chartMirror, environment }: Synthesis): void {
  writeAtOnce(file, `${JSON.stringify(model, null, 2)}\n`);
  const { status } = spawnSync(process.execPath, [join(packageRoot(), 'cli', 'bin.cjs'), 'synth'], {
    env: { ...environment, FLOTILLA_MODEL: file, CDKTF_OUTDIR: outdir, FLOTILLA_CHARTS: chartMirror },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Failure('the synthesis failed, see above');
  const wanted = new Set(model.stacks.map(({ name }) => name));
  for (const stack of readdirSync(join(outdir, 'stacks'))) {
    if (!wanted.has(stack)) rmSync(join(outdir, 'stacks', stack), { recursive: true, force: true });
  }
}
