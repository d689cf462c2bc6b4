import { mkdirSync, readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join, resolve } from 'node:path';
import { packageRoot, projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import { table } from '../../runner/progress/table';
import { clusterSteps } from '../../runner/selftest/cluster-steps';
import { type Evidence, mark, writeEvidence } from '../../runner/selftest/evidence';
import { macSteps } from '../../runner/selftest/mac-steps';
import { endPrograms, runProgram, startProgram } from '../../runner/selftest/programs';
import { runSteps } from '../../runner/selftest/run-steps';
import type { Context } from '../../runner/selftest/step';
import { defineVerb } from '../verb';

const steps = [...macSteps, ...clusterSteps];

export const selftest = defineVerb<{ into?: string; only?: string; list?: boolean }>({
  name: 'selftest',
  summary: 'Show on this host what only such a host can show, with throw-away machines, and write it down as dated evidence',
  example: 'npx flotilla selftest             # on a Mac: about 20 minutes and 10 GB the first time',
  options: [
    ['--into <folder>', 'where the evidence is written, as JSON and Markdown (default: .flotilla/selftest)'],
    ['--only <steps>', 'ids, separated by commas; what they need is run too'],
    ['--list', 'name the steps and run none'],
  ],
  run: async ({ options }) => {
    const chosen = choose(options.only);
    if (options.list) {
      console.log(table(chosen.map(({ id, on, shows }) => [id, on.join(', '), shows])));
      return 0;
    }
    const began = new Date().toISOString();
    const folder = resolve(options.into ?? join(projectRoot(), '.flotilla', 'selftest'));
    const name = `selftest-${began.slice(0, 19).replaceAll(':', '-')}-${process.platform}-${arch()}`;
    const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
    const evidence = (results: Evidence['results']): Evidence => ({
      flotilla: version,
      began,
      platform: `${process.platform} ${release()} ${arch()}, Node ${process.versions.node}`,
      results,
    });
    let interrupted = false;
    process.on('SIGINT', () => {
      interrupted = true;
      console.error('the step that runs comes to its end, then what was made is taken down');
    });
    let told = 0;
    const results = await runSteps({
      steps: chosen,
      context: contextIn(folder),
      platform: process.platform,
      interrupted: () => interrupted,
      onResult: (all) => {
        writeEvidence(folder, name, evidence(all));
        for (const { verdict, id, found, seconds } of all.slice(told))
          console.log(`${mark[verdict]} ${id}: ${found} (${seconds.toFixed(1)} s)`);
        told = all.length;
      },
    });
    endPrograms();
    const files = writeEvidence(folder, name, evidence(results));
    const count = (verdict: string): number => results.filter((result) => result.verdict === verdict).length;
    console.log(
      `${count('ok')} ok, ${count('failed')} failed, ${count('skipped')} skipped, ${count('not on this host')} not on this host\nevidence: ${files.join(', ')}`,
    );
    return count('failed') > 0 || interrupted ? 1 : 0;
  },
});

function choose(only: string | undefined): typeof steps {
  if (only === undefined) return steps;
  const wanted = new Set(only.split(','));
  const unknown = [...wanted].filter((id) => !steps.some((step) => step.id === id));
  if (unknown.length > 0)
    throw new UserError(`--only ${unknown.join(',')}: there is no such step; one of: ${steps.map(({ id }) => id).join(', ')}`);
  // Backwards, so that what a needed step needs is seen too.
  for (const { id, needs = [] } of [...steps].reverse()) if (wanted.has(id)) for (const needed of needs) wanted.add(needed);
  if ([...wanted].some((id) => id.startsWith('cluster-'))) wanted.add('cluster-gone');
  if ([...wanted].some((id) => id.endsWith('-machine'))) wanted.add('machines-gone');
  return steps.filter(({ id }) => wanted.has(id));
}

function contextIn(folder: string): Context {
  mkdirSync(folder, { recursive: true });
  const command = join(packageRoot(), 'cli', 'bin.cjs');
  const mark = process.pid.toString(36);
  return {
    run: runProgram,
    start: startProgram,
    flotilla: (verb, args, seconds) => runProgram(process.execPath, [command, verb, '--fleet', 'selftest', ...args], seconds),
    machines: [`flotilla-selftest-${mark}-1`, `flotilla-selftest-${mark}-2`],
    facts: new Map(),
  };
}
