// `npm run bench [-- ROUNDS [lab|catalog]]`: how long it takes to resolve and to synthesize a fleet, against the floor of a synthesis (start node, load
// the framework, write the same files), and how that grows with the number of clusters: those of `lab`, and with everything that a hub and its agents have.
// Synthesis and floor run in pairs, one right after the other and in turn first; the ratio is the median of the pairs' ratios, so that a machine whose speed
// drifts does not decide. The growth is of computing, not of waiting. Exit code 1 when a cluster among the last costs twice one among the first, 2 when the
// measurement contradicts itself (a floor above what it bounds), which is no result.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { bundle } = require('../../cli/packages.cjs');
const { RunError, growthOf, median, ratioOf, stepsOf } = require('./arithmetic.cjs');

const root = path.join(__dirname, '..', '..');
const rounds = Number(process.argv[2] ?? 3);
const kinds = process.argv[3] ? [process.argv[3]] : ['lab', 'catalog'];
const sizes = [1, 10, 100];
if (!Number.isInteger(rounds) || rounds < 1 || !kinds.every((kind) => ['lab', 'catalog'].includes(kind))) {
  console.error('usage: npm run bench [-- ROUNDS [lab|catalog]]; ROUNDS is a whole number from 1 on');
  process.exit(2);
}

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
  const resolved = () => measured(fleet, [kind, String(size), model]);
  const ours = () => measured(main, [], { FLOTILLA_MODEL: model, CDKTF_OUTDIR: out });
  const floors = () => measured(floor, [out, path.join(work, 'floor')]);
  // Not counted: caches are cold.
  for (const side of [resolved, ours, floors]) side();
  const turns = Array.from({ length: rounds }, (_, turn) => {
    const first = resolved();
    // Whoever comes second finds warmer caches: each does so half of the time.
    const pair = turn % 2 === 0 ? { ours: ours(), floor: floors() } : { floor: floors(), ours: ours() };
    return { resolved: first, ...pair };
  });
  return {
    resolveSeconds: median(turns.map((turn) => turn.resolved.seconds)),
    ...ratioOf(turns.map((turn) => ({ ours: turn.ours.seconds, floor: turn.floor.seconds }))),
    computes: median(turns.map((turn) => turn.resolved.computes + turn.ours.computes)),
  };
}

const widths = [8, 9, 11, 12, 10, 7, 26];
const row = (cells) => console.log(cells.map((cell, index) => cell.padStart(widths[index])).join(''));

row(['fleet', 'clusters', 'resolve s', 'synthesis s', 'floor s', 'ratio', 'CPU s per cluster more']);
try {
  for (const kind of kinds) {
    const points = [];
    for (const size of sizes) {
      const { resolveSeconds, seconds, floorSeconds, ratio, computes } = sides(kind, size);
      points.push({ size, computes });
      const step = stepsOf(points).at(-1)?.toFixed(4) ?? '';
      row([kind, String(size), ...[resolveSeconds, seconds, floorSeconds, ratio].map((value) => value.toFixed(2)), step]);
    }
    const growth = growthOf(points);
    console.log(`${kind}: a cluster among the last costs ${growth.toFixed(2)} of one among the first (1.00 is linear, above 2 is refused)`);
    if (growth > 2) process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  console.error(`no result: ${error.message}`);
  process.exitCode = 2;
} finally {
  fs.rmSync(work, { recursive: true });
}
