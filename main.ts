import './constructs/quiet-stack-traces';
import { readFileSync } from 'node:fs';
import { App } from 'cdktf';
import { projectRoot } from './config/package-root';
import { UserError } from './config/problem';
import { openDeployedFleet } from './model/deployed-fleet';
import type { ResolvedFleet } from './model/resolved-fleet';
import { makeStacks } from './stacks';

try {
  const { model, chartMirror } = chooseFleet();
  const app = new App(process.env.CDKTF_OUTDIR ? { outdir: process.env.CDKTF_OUTDIR } : {});
  makeStacks(app, model, chartMirror);
  app.synth();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

/** The fleet that our own runner has resolved, or the one that the environment names. */
function chooseFleet(): { model: ResolvedFleet; chartMirror?: string } {
  // An empty variable is as good as none.
  const { FLOTILLA_MODEL: file, FLOTILLA_CHARTS: chartMirror, FLOTILLA_FLEET, FLOTILLA_OVERLAY } = process.env;
  const [fleet, overlay] = [FLOTILLA_FLEET || 'lab', FLOTILLA_OVERLAY || null];
  const model: ResolvedFleet = file
    ? JSON.parse(readFileSync(file, 'utf8'))
    : openDeployedFleet({ root: projectRoot(), fleet, overlay, busyCidrs: [], create: false }).model;
  return { model, ...(chartMirror ? { chartMirror } : {}) };
}
