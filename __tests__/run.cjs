// `node __tests__/run.cjs unit|scripts|faults|cli|charts|collectors|vault|cluster [FILE...]`: what `npm test` and `npm run test:*` run. Starts from a fresh clone: installs packages, programs and the stand-in
// provider, runs every part, ends with one plain line. A part that cannot run here says what it did not prove.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { requireNode, installPackages, bundle } = require('../cli/packages.cjs');
const debian = require('./observability/debian-programs.cjs');

const root = path.join(__dirname, '..');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const onPath = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** What tests call, the Debian package that brings it (none: nothing that we could install), and which tests are left out without it. */
const programs = [
  { program: 'jq', package: 'jq', tests: ['tiers/scripts', 'terraform', 'artifacts'], proves: 'that scripts work' },
  { program: 'flock', package: 'util-linux', tests: ['tiers/scripts', 'terraform', 'artifacts'], proves: 'that locks lock' },
  { program: 'setpriv', package: 'util-linux', tests: ['terraform'], proves: 'that Terraform dies with its runner' },
  { program: 'ps', package: 'procps', tests: ['terraform'], proves: 'what is left after a kill' },
  { program: 'ssh-keygen', package: 'openssh-client', tests: ['terraform', 'tiers/scripts'], proves: 'that keys stay secret' },
  {
    program: 'shellcheck',
    package: 'shellcheck',
    tests: ['architecture/shell-scripts'],
    proves: 'that scripts are free of known traps and keep their shape',
  },
  { program: 'shfmt', package: 'shfmt', tests: ['architecture/shell-scripts'], proves: 'that scripts are formatted and keep their shape' },
  { program: 'terraform', tests: ['terraform'], proves: 'what Terraform does to leases, locks and secrets' },
  {
    program: 'go',
    tests: ['terraform'],
    proves: 'what Terraform does to leases, locks and secrets (its stand-in provider is built from source)',
  },
];

const summary = [];
const note = (part, seconds, passed, failed, skipped = 0) => summary.push({ part, seconds, passed, failed, skipped });

function skip(part, why, unproven) {
  console.log(`${part}: not run, ${why}; not proven: ${unproven}`);
  note(part, 0, 0, 0, 1);
}

/** Runs a program, keeps what it says and shows it when it fails. Resolves to its exit code. */
function run(part, command, args, { environment = {}, show = false } = {}) {
  const began = Date.now();
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => (said += error.message));
    child.on('close', (code) => {
      const seconds = (Date.now() - began) / 1000;
      console.log(`${part} ${code === 0 ? 'passed' : 'FAILED'} (${seconds.toFixed(1)} s)`);
      if (code !== 0) console.log(said.trimEnd());
      resolve({ code, seconds });
    });
  });
}

async function check(part, command, args) {
  const { code, seconds } = await run(part, command, args);
  note(part, seconds, code === 0 ? 1 : 0, code === 0 ? 0 : 1);
}

/** Jest's own numbers; a run that ends without any counts as one failure. */
async function jest(part, args, options) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'flotilla-jest-')), 'result.json');
  const { code, seconds } = await run(part, process.execPath, [bin('jest'), '--json', `--outputFile=${file}`, ...args], options);
  const told = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
  fs.rmSync(path.dirname(file), { recursive: true });
  const failed = told === null ? 1 : told.numFailedTests + told.numRuntimeErrorTestSuites;
  note(
    part,
    seconds,
    told?.numPassedTests ?? 0,
    code !== 0 && failed === 0 ? 1 : failed,
    (told?.numPendingTests ?? 0) + (told?.numTodoTests ?? 0),
  );
}

function installPrograms() {
  const missing = [...new Set(programs.filter((entry) => entry.package && !onPath(entry.program)).map((entry) => entry.package))];
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return;
  console.log(`installing Debian packages that tests need: ${missing.join(' ')}`);
  const apt = (...args) =>
    spawnSync('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 'inherit'] });
  apt('update', '-qq');
  apt('install', '-qq', '--yes', '--no-install-recommends', ...missing);
}

/** @returns whether the stand-in null provider is there */
async function buildProvider() {
  const { prepare, missing, defaultCacheDir } = require(bundle('artifacts/prepare.ts'));
  const options = { root, cacheDir: defaultCacheDir(), only: ['provider-null'] };
  if (missing(options).length === 0) return true;
  console.log('building the stand-in null provider, once, some ten seconds');
  try {
    await prepare({ ...options, onEvent: ({ type, summary: what }) => type !== 'cached' && console.log(`  ${type} ${what}`) });
    return true;
  } catch (error) {
    console.log(error.message);
    return false;
  }
}

/** Folders of tests that cannot run here. */
async function leaveOut() {
  installPrograms();
  const left = new Map();
  for (const { program, tests, proves } of programs) {
    if (onPath(program)) continue;
    for (const folder of tests) left.set(folder, [`there is no ${program}`, proves]);
  }
  if (!left.has('terraform') && !(await buildProvider()))
    left.set('terraform', ['its provider could not be built', 'what Terraform does to leases, locks and secrets']);
  if (process.platform !== 'linux' && !left.has('terraform'))
    left.set('terraform', [`/proc is not there on ${process.platform}`, 'who holds the lock, and where secrets are seen']);
  for (const [folder, [why, unproven]] of left) skip(`tests of ${folder}`, why, unproven);
  return [...left.keys()];
}

/** Folders of tests that `npm test` leaves to other tiers, as jest.config.cjs does. */
const ownTiers = Object.keys(require('./tiers.cjs')).map((folder) => `__tests__/tiers/${folder}/`);

async function unit() {
  debian.provide(require(bundle('artifacts/prepare.ts')).defaultCacheDir());
  const left = (await leaveOut()).map((folder) => `__tests__/${folder}`);
  // The long ones first: the others fill what is left of the cores.
  await Promise.all([
    jest('jest', left.length > 0 ? ['--testPathIgnorePatterns', '/node_modules/', ...ownTiers, ...left] : []),
    check('tsc', process.execPath, [
      bin('tsc'),
      '-p',
      '.',
      '--incremental',
      '--tsBuildInfoFile',
      'node_modules/.cache/flotilla/tsc.tsbuildinfo',
    ]),
    // dependency-cruiser is run by __tests__/architecture/imports.test.ts, on the whole tree: four seconds of CPU need not be spent twice.
    check('biome', process.execPath, [bin('biome'), 'check', '.']),
  ]);
}

async function scripts() {
  const left = await leaveOut();
  if (left.includes('tiers/scripts')) return skip('scripts', 'programs that they call are not there', 'that scripts work');
  await jest('scripts', [], { environment: { FLOTILLA_TIER: 'scripts' } });
}

async function cluster() {
  const why =
    process.platform !== 'linux'
      ? `this is ${process.platform}, machines need Linux`
      : process.getuid() !== 0
        ? 'machines need root'
        : null;
  if (why !== null)
    return skip('cluster', why, 'that a fleet of real machines comes up, heals, survives a power cut and goes without a trace');
  const wanted = process.argv.slice(3);
  const files = fs.readdirSync(path.join(__dirname, 'tiers/cluster')).filter((file) => file.endsWith('.test.ts'));
  const chosen = files.filter((file) => wanted.length === 0 || wanted.includes(file.slice(0, -'.test.ts'.length)));
  for (const file of files) if (!chosen.includes(file)) console.log(`cluster/${file}: not run, it was not asked for`);
  if (chosen.length === 0) return note('cluster', 0, 0, 1);
  const paths = chosen.map((file) => `__tests__/tiers/cluster/${file}`);
  await jest('cluster', ['--runTestsByPath', ...paths], { environment: { FLOTILLA_TIER: 'cluster' }, show: true });
}

async function faults() {
  const left = await leaveOut();
  if (left.includes('terraform'))
    return skip(
      'faults',
      'Terraform or its provider is not there',
      'that `up` converges after every failing, hanging or killed call of a machine provider',
    );
  await jest('faults', [], { environment: { FLOTILLA_TIER: 'faults' }, show: true });
}

async function cli() {
  const left = await leaveOut();
  if (left.includes('terraform'))
    return skip('cli', 'Terraform or its provider is not there', "that cdktf's own command and a foreign project get along with Flotilla");
  await jest('cli', [], { environment: { FLOTILLA_TIER: 'cli' }, show: true });
}

/** A real Vault, an API server beside it where Kubernetes was built, and our scripts. */
async function vault() {
  const unproven = 'that scripts keep the keys of Vault, open it, make its authorities, and let in the right accounts only';
  installPrograms();
  const lacking = ['go', 'curl', 'jq', 'openssl'].filter((program) => !onPath(program));
  if (lacking.length > 0) return skip('vault', `there is no ${lacking.join(', no ')}`, unproven);
  const { optionalFolder, prepareOptional } = require(bundle('artifacts/optional.ts'));
  const { defaultCacheDir } = require(bundle('artifacts/prepare.ts'));
  const options = { root, cacheDir: defaultCacheDir() };
  if (optionalFolder(options, 'vault') === null) console.log('building Vault, once, some seven minutes');
  try {
    await prepareOptional(
      { ...options, onEvent: ({ type, summary: what }) => type !== 'cached' && console.log(`  ${type} ${what}`) },
      'vault',
    );
  } catch (error) {
    console.log(error.message);
    return skip('vault', 'it could not be built', unproven);
  }
  await jest('vault', [], { environment: { FLOTILLA_TIER: 'vault' }, show: true });
}

/** Real Helm, kubeconform and the parsers of queries, which are built where they are not there yet, and a real API server where Kubernetes was built. */
async function charts() {
  const unproven = 'what Helm makes of charts and of stand-ins, which values are read, and which objects an API server takes';
  if (!onPath('go')) return skip('charts', 'there is no go', unproven);
  const { prepareOptional } = require(bundle('artifacts/optional.ts'));
  const { defaultCacheDir } = require(bundle('artifacts/prepare.ts'));
  const onEvent = ({ type, summary: what }) => type !== 'cached' && console.log(`  ${type} ${what}`);
  for (const id of ['helm', 'kubeconform', 'kubernetes-schemas', 'query-check']) {
    try {
      await prepareOptional({ root, cacheDir: defaultCacheDir(), onEvent }, id);
    } catch (error) {
      console.log(error.message);
      return skip('charts', `${id} could not be built`, unproven);
    }
  }
  await jest('charts', [], { environment: { FLOTILLA_TIER: 'charts' }, show: true });
}

/** The real collectors, each built where it is not there yet; what cannot be built is left out alone. */
async function collectors() {
  const { collectorPrograms } = require(bundle('artifacts/collectors.ts'));
  if (!onPath('go')) return skip('collectors', 'there is no go', collectorPrograms.map(({ proves }) => proves).join('; '));
  const { optionalFolder, prepareOptional } = require(bundle('artifacts/optional.ts'));
  const { defaultCacheDir } = require(bundle('artifacts/prepare.ts'));
  const options = { root, cacheDir: defaultCacheDir() };
  const onEvent = ({ type, summary: what }) => type !== 'cached' && console.log(`  ${type} ${what}`);
  let built = 0;
  for (const { id, proves, estimateSeconds } of collectorPrograms) {
    if (optionalFolder(options, id) === null)
      console.log(`building ${id}, once, some ${Math.ceil(estimateSeconds / 60)} minutes on an idle host`);
    try {
      await prepareOptional({ ...options, onEvent }, id);
      built++;
    } catch (error) {
      console.log(error.message);
      skip(id, 'it could not be built', proves);
    }
  }
  if (built > 0) await jest('collectors', [], { environment: { FLOTILLA_TIER: 'collectors' }, show: true });
}

function report() {
  const sum = (key) => summary.reduce((total, part) => total + part[key], 0);
  const width = Math.max(...summary.map(({ part }) => part.length));
  console.log('');
  for (const { part, seconds, passed, failed, skipped } of summary) {
    console.log(
      `${part.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`,
    );
  }
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') ? `, ${sum('skipped')} skipped` : ''}`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}

async function main() {
  const tier = { unit, scripts, faults, cli, charts, collectors, vault, cluster }[process.argv[2]];
  if (tier === undefined) {
    console.error('usage: node __tests__/run.cjs unit|scripts|faults|cli|charts|collectors|vault|cluster');
    process.exit(2);
  }
  requireNode();
  installPackages();
  await tier();
  report();
}

main();
