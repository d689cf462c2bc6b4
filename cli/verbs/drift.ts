import { join } from 'node:path';
import { Failure } from '../../config/failure';
import type { Look } from '../../runner/drift/difference';
import { lookForDrift } from '../../runner/drift/look';
import { takeLock } from '../../runner/lock';
import { lookAt } from '../../runner/session';
import { hasState } from '../../runner/terraform/destroy';
import { defineVerb } from '../verb';

export const drift = defineVerb<{ json?: boolean }>({
  name: 'drift',
  summary:
    'Tell what was changed behind our back since the last up: machines, nodes, releases and their objects; exit code 3 when something was',
  example: 'npx flotilla drift || echo "exit code $?"   # 0 nothing, 3 drift, 1 it could not look everywhere; changes nothing',
  options: [['--json', '{deployment, places: [{where, differences: [{address, what, paths}], errors}]}']],
  run: async ({ selection, options }) => {
    const deployment = lookAt(selection);
    if (!hasState(deployment)) throw new Failure(`${deployment.model.deployment} has nothing that could drift: run "npx flotilla up"`);
    // What is being changed at this moment is no drift.
    takeLock(join(deployment.folder, 'lock'), 'drift');
    const places = await lookForDrift(deployment);
    if (options.json) console.log(JSON.stringify({ deployment: deployment.model.deployment, places }, null, 2));
    else for (const place of places) print(place);
    if (!options.json && places.some(({ differences }) => differences.length > 0)) console.log(remedy);
    const blind = places.filter(({ errors }) => errors.length > 0);
    for (const { where, errors } of blind) console.error(`${where} could not be looked at, or not all of it:\n  ${errors.join('\n  ')}`);
    return blind.length > 0 ? 1 : places.some(({ differences }) => differences.length > 0) ? 3 : 0;
  },
});

/** Helm compares what it installs with what it installed before, so a plan does not see objects that were edited in between; a kubelet registers once. */
const remedy =
  '"npx flotilla up" puts back machines, namespaces and releases; a single object of a release only when the release changes: put it back by hand; ' +
  'a Node object comes back with "systemctl restart kubelet" on its node';

const words: Readonly<Record<Look['differences'][number]['what'], string>> = {
  deleted: 'deleted',
  changed: 'changed',
  gone: 'gone',
  off: 'off',
  strange: 'not ours',
};

function print({ where, differences, errors }: Look): void {
  if (differences.length > 0) console.log(`${where}: ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}`);
  else if (errors.length === 0) console.log(`${where}: no drift`);
  for (const { address, what, paths } of differences) {
    console.log(`  ${words[what].padEnd(9)} ${address}${paths.length === 0 ? '' : `  ${paths.slice(0, 6).join(', ')}`}${more(paths)}`);
  }
}

const more = (paths: readonly string[]): string => (paths.length > 6 ? ` and ${paths.length - 6} more` : '');
