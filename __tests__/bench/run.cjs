// `npm run bench [-- ROUNDS [lab|catalog]]`: how long it takes to resolve and to synthesize a fleet, against the floor of a synthesis (start node, load
// the framework, write the same files), and how that grows with the number of clusters: those of `lab`, and with everything that a hub and its agents have.
// All sides run in turn in one go, so that a machine whose speed drifts does not decide; medians and ratios. The growth is of computing, not of waiting;
// exit code 1 when a cluster among the last costs twice one among the first.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { bundle } = require('../../cli/packages.cjs');

const root = path.join(__dirname, '..', '..');
const rounds = Number(process.argv[2] ?? 3);
const kinds = process.argv[3] ? [process.argv[3]] : ['lab', 'catalog'];
const sizes = [1, 10, 100];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** How long a program runs, and how much of that it computes. */
function measured(program, args, environment = {}) {
  const told = path.join(work, 'cpu-seconds');
  const began = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ['--require', path.join(__dirname, 'cpu-seconds.cjs'), program, ...args], {
    env: { ...process.env, ...environment, FLOTILLA_CPU_SECONDS: told },
    encoding: 'utf8',
    cwd: root,
  });
  if (status !== 0) throw new Error(stderr);
  return { seconds: Number(process.hrtime.bigint() - began) / 1e9, computes: Number(fs.readFileSync(told, 'utf8')) };
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'flotilla-bench-'));
const main = bundle('main.ts');
const floor = bundle('__tests__/bench/floor.ts');
const fleet = bundle('__tests__/bench/large-fleet.ts');

function sides(kind, size) {
  const model = path.join(work, 'model.json');
  const out = path.join(work, 'out');
  const all = [
    () => measured(fleet, [kind, String(size), model]),
    () => measured(main, [], { FLOTILLA_MODEL: model, CDKTF_OUTDIR: out }),
    () => measured(floor, [out, path.join(work, 'floor')]),
  ];
  // Not counted: caches are cold.
  for (const side of all) side();
  const turns = Array.from({ length: rounds }, () => all.map((side) => side()));
  const of = (side, what) => median(turns.map((turn) => turn[side][what]));
  return {
    seconds: [0, 1, 2].map((side) => of(side, 'seconds')),
    ratio: median(turns.map(([, ours, least]) => ours.seconds / least.seconds)),
    computes: of(0, 'computes') + of(1, 'computes'),
  };
}

const widths = [8, 9, 11, 12, 10, 7, 26];
const row = (cells) => console.log(cells.map((cell, index) => cell.padStart(widths[index])).join(''));

row(['fleet', 'clusters', 'resolve s', 'synthesis s', 'floor s', 'ratio', 'CPU s per cluster more']);
try {
  for (const kind of kinds) {
    const steps = [];
    let last = null;
    for (const size of sizes) {
      const { seconds, ratio, computes } = sides(kind, size);
      if (last !== null) steps.push((computes - last.computes) / (size - last.size));
      last = { size, computes };
      row([kind, String(size), ...seconds.map((value) => value.toFixed(2)), ratio.toFixed(2), steps.at(-1)?.toFixed(4) ?? '']);
    }
    const growth = steps.at(-1) / steps[0];
    console.log(`${kind}: a cluster among the last costs ${growth.toFixed(2)} of one among the first (1.00 is linear, above 2 is refused)`);
    if (growth > 2) process.exitCode = 1;
  }
} finally {
  fs.rmSync(work, { recursive: true });
}
