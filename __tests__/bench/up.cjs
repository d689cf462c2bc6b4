// `npm run bench:up [-- FLEET [OVERLAY]]`: raises a fleet of real machines twice in one run, by `flotilla up` and the way of the seeds' scripts: one
// cluster after the other, one phase after the other, one resource after the other. The same stacks, machines and images; only the order differs.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { bundle, installPackages } = require('../../cli/packages.cjs');

const root = path.join(__dirname, '..', '..');
installPackages();
const { assertMayDestroy } = require(bundle('__tests__/support/may-destroy.ts'));
const [fleet = 'tart', overlay = 'nspawn'] = process.argv.slice(2);
const selection = ['--fleet', fleet, ...(overlay === 'none' ? [] : ['--overlay', overlay])];

function run(program, args, options = {}) {
  const began = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return { seconds: Number(process.hrtime.bigint() - began) / 1e9, output: stdout };
}

const flotilla = (...args) => run(process.execPath, ['cli/bin.cjs', ...args, ...selection]);

/** Every stack in the order of the fleet file, cluster by cluster, with one resource at a time. */
function oneAfterTheOther() {
  // Synthesizes and prepares, as `up` would.
  spawnSync(process.execPath, ['cli/bin.cjs', 'diff', ...selection], { cwd: root, stdio: 'ignore' });
  const model = JSON.parse(flotilla('model', '--json').output);
  const folder = path.join(root, '.flotilla', model.deployment);
  const { bin, terraformConfig } = JSON.parse(fs.readFileSync(path.join(folder, 'sources.json'), 'utf8'));
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: terraformConfig, PATH: `${bin}:${process.env.PATH}` };
  const of = (cluster) => model.stacks.filter((stack) => stack.cluster === cluster);
  const order = [...of(null).filter(({ kind }) => kind === 'foundation'), ...model.clusters.flatMap(({ name }) => of(name))];
  const rest = model.stacks.filter((stack) => !order.includes(stack));
  const began = process.hrtime.bigint();
  for (const { name } of [...order, ...rest]) {
    const cwd = path.join(folder, 'cdktf.out', 'stacks', name);
    run('terraform', ['init', '-reconfigure', '-input=false', '-no-color'], { cwd, env });
    run('terraform', ['apply', '-auto-approve', '-input=false', '-no-color', '-parallelism=1'], { cwd, env });
  }
  return Number(process.hrtime.bigint() - began) / 1e9;
}

const { deployment } = JSON.parse(flotilla('model', '--json').output);
assertMayDestroy(path.join(root, '.flotilla', deployment));
flotilla('destroy', '--yes');
const side = flotilla('up');
const idle = /idle while ready ([0-9.]+) %/.exec(side.output)?.[1] ?? '?';
flotilla('destroy', '--yes');
const row = oneAfterTheOther();
flotilla('destroy', '--yes');
console.log(`${fleet}${overlay === 'none' ? '' : `+${overlay}`}, machines and images prepared:`);
console.log(`  flotilla up            ${side.seconds.toFixed(1).padStart(7)} s, idle while ready ${idle} %`);
console.log(`  one after the other    ${row.toFixed(1).padStart(7)} s`);
console.log(`  ratio                  ${(row / side.seconds).toFixed(2).padStart(7)}`);
