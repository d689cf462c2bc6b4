import './constructs/quiet-stack-traces';
import { readFileSync } from 'node:fs';
import { App } from 'cdktf';
import { chooseFleet as chosenFleet } from './config/fleet-file';
import { projectRoot } from './config/package-root';
import { UserError } from './config/problem';
import { everyKindFrom } from './config/sources';
import type { ResolvedFleet } from './model/resolved-fleet';
import { openDeployedFleet } from './runner/deployment/open';
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
  const { FLOTILLA_MODEL: file, FLOTILLA_CHARTS: chartMirror } = process.env;
  const model: ResolvedFleet = file
    ? JSON.parse(readFileSync(file, 'utf8'))
    : openDeployedFleet({
        root: projectRoot(),
        ...chosenFleet(),
        busyCidrs: [],
        chooseSources: () => everyKindFrom('official'),
        create: false,
      }).model;
  return { model, ...(chartMirror ? { chartMirror } : {}) };
}
