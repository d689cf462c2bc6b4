// `npm run bench`: how long a synthesis takes against its floor (start node, load the framework, write the same files), and how that grows
// with the number of clusters. Both sides run in turn in one go, so that a machine whose speed drifts does not decide; medians and ratios.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');
const rounds = 3;
const sizes = [1, 10, 100];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function bundle(entry) {
  const outfile = path.join(root, 'node_modules', '.cache', 'flotilla', `bench-${path.basename(entry, '.ts')}.cjs`);
  require('esbuild').buildSync({
    entryPoints: [path.join(root, entry)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

function seconds(program, args, environment) {
  const began = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    cwd: root,
  });
  if (status !== 0) throw new Error(stderr);
  return Number(process.hrtime.bigint() - began) / 1e9;
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'flotilla-bench-'));
const main = bundle('main.ts');
const floor = bundle('__tests__/bench/floor.ts');
const fleet = bundle('__tests__/bench/large-fleet.ts');
console.log('clusters  synthesis s   floor s   ratio   s per cluster above one');
let one = null;
for (const size of sizes) {
  const model = path.join(work, `${size}.json`);
  const out = path.join(work, `${size}.out`);
  seconds(fleet, [String(size), model], {});
  const synthesize = () => seconds(main, [], { FLOTILLA_MODEL: model, CDKTF_OUTDIR: out });
  synthesize();
  const pairs = Array.from({ length: rounds }, () => [synthesize(), seconds(floor, [out, path.join(work, 'floor')], {})]);
  const ours = median(pairs.map(([a]) => a));
  const theirs = median(pairs.map(([, b]) => b));
  one ??= ours;
  const growth = size === 1 ? '' : ((ours - one) / (size - 1)).toFixed(4);
  console.log(
    `${String(size).padStart(8)}  ${ours.toFixed(3).padStart(11)}  ${theirs.toFixed(3).padStart(8)}  ${median(pairs.map(([a, b]) => a / b))
      .toFixed(2)
      .padStart(6)}   ${growth}`,
  );
}
fs.rmSync(work, { recursive: true });
