import { resolve } from 'node:path';
import { lockOf, pinnedCharts, readLock, staleness, unconfirmed, writeLock } from '../../artifacts/charts/lock';
import { fetchedDigests, pull } from '../../artifacts/charts/pull';
import { helmProgram } from '../../chart-lint/programs';
import { projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import { mirrorsOf } from '../../runner/deployment/staged-charts';
import { lookAt } from '../../runner/session';
import { listing } from '../chart-listing';
import { verification } from '../chart-verification';
import { defineVerb, type Selection } from '../verb';

export interface Options {
  readonly mirror?: string;
  readonly check?: boolean;
  readonly complete?: boolean;
  readonly json?: boolean;
}

export const charts = defineVerb<Options>({
  name: 'charts',
  operands: '<lock|pull|verify|list>',
  summary: 'Lock the Helm charts, bring them into a folder, check our values against them, or tell what is here',
  example:
    'npx flotilla charts verify --fleet trio --mirror charts.d    # exit code 1 when a chart does not read a value, or renders what is wrong',
  options: [
    ['--mirror <folder>', 'the folder of charts (default: `charts.mirror` of the fleet file)'],
    ['--check', 'lock: only say whether it is as the components are; exit code 1 when not'],
    ['--complete', 'verify: exit code 1 also when anything was not checked, such as a chart that is not here'],
    ['--json', 'list and verify as data'],
  ],
  run: async ({ selection, options, args: [action = ''] }) => {
    const does = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (does === undefined) throw new UserError(`charts: "${action}" is no action; write one of ${Object.keys(actions).join(', ')}`);
    return does(selection, options);
  },
});

const actions: Readonly<Record<string, (selection: Selection, options: Options) => Promise<number>>> = {
  lock: async (_, { check }) => {
    const pins = pinnedCharts();
    const stale = staleness(pins, readLock());
    if (check) {
      for (const line of stale) console.log(`charts/lock.json: ${line}`);
      console.log(stale.length === 0 ? `${pins.length} charts are locked` : 'run "npx flotilla charts lock"');
      return stale.length === 0 ? 0 : 1;
    }
    const charts = lockOf(pins, readLock());
    const changed = writeLock(charts);
    const digests = charts.filter(({ digest }) => digest !== null).length;
    const open = unconfirmed(charts).map(({ name, version }) => `${name} ${version}`);
    console.log(`${charts.length} charts, ${digests} with a digest; charts/lock.json ${changed ? 'is written' : 'was as it should be'}`);
    if (open.length > 0) console.log(`no source has confirmed that the repository has this version: ${open.join(', ')}`);
    return 0;
  },

  pull: async (selection, options) => {
    const mirror = options.mirror === undefined ? lookAt(selection).model.charts.mirror : options.mirror;
    if (mirror === null)
      throw new UserError('charts pull: no folder is named; write `charts: {mirror: <folder>}` in the fleet file, or --mirror <folder>');
    const folder = resolve(options.mirror === undefined ? projectRoot() : process.cwd(), mirror);
    const helm = await helmProgram();
    const locked = lockOf(pinnedCharts(), readLock());
    const pulled = [];
    for (const chart of locked) {
      const one = await pull(helm, folder, chart);
      pulled.push(one);
      const mark = one.result === 'failed' ? `✗ ${one.why}` : `${one.result}, sha256 ${one.digest.slice(0, 12)}…`;
      console.log(`${chart.name} ${chart.version}: ${mark}`);
    }
    writeLock(lockOf(pinnedCharts(), locked, fetchedDigests(pulled)));
    const failed = pulled.filter(({ result }) => result === 'failed').length;
    console.log(`${pulled.length - failed} of ${pulled.length} charts are in ${folder}`);
    return failed === 0 ? 0 : 1;
  },

  list: async (selection, { mirror, json }) => {
    console.log(listing(mirrorsOf(lookAt(selection), mirror), json === true));
    return 0;
  },

  verify: (selection, options) => verification(lookAt(selection), options),
};
