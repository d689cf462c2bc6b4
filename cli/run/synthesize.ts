import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';
import { writeAtOnce } from '../../config/write-at-once';
import { Failure } from '../failure';
import type { Deployment } from './deployment';
import { isLinkOrNothing, linkOutput, pointAtProviders } from './output-link';

/**
 * The stacks' JSON, made by the program that knows the framework; this command does not. Folders of stacks that are gone are removed, and
 * `cdktf.out` beside `.flotilla` leads to the deployment that was synthesized last.
 */
export function synthesize(deployment: Deployment, chartMirror: string): void {
  const { model, folder, environment } = deployment;
  const file = join(folder, 'model.json');
  writeAtOnce(file, `${JSON.stringify(model, null, 2)}\n`);
  const outdir = join(folder, 'cdktf.out');
  const { status } = spawnSync(process.execPath, [join(packageRoot(), 'cli', 'bin.cjs'), 'synth'], {
    env: { ...environment, FLOTILLA_MODEL: file, CDKTF_OUTDIR: outdir, FLOTILLA_CHARTS: chartMirror },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Failure('the synthesis failed, see above');
  const wanted = new Set(model.stacks.map(({ name }) => name));
  for (const stack of readdirSync(join(outdir, 'stacks'))) {
    if (!wanted.has(stack)) rmSync(join(outdir, 'stacks', stack), { recursive: true, force: true });
  }
  pointAtProviders(deployment);
  const link = join(folder, '..', '..', 'cdktf.out');
  if (isLinkOrNothing(link)) linkOutput(link, outdir);
}
