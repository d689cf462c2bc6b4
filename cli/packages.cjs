// What stands between a fresh clone and our first own line: Node of the right age and the packages of the lock file. `pre` scripts could
// not do this, npm skips them under ignore-scripts.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 11)) return;
  console.error(`Node ${process.versions.node} is too old, Flotilla needs 20.11 or newer: install a current Node and run this again`);
  process.exit(2);
}

/** Whether node_modules holds what the lock file says, by npm's own record of it. Versions, not times: a pull must not reinstall under a running `up`. */
function areInstalled() {
  const wanted = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const record = path.join(root, 'node_modules', '.package-lock.json');
  const there = fs.existsSync(record) ? JSON.parse(fs.readFileSync(record, 'utf8')).packages : {};
  return Object.entries(wanted).every(
    ([name, { version, optional, devOptional }]) =>
      name === '' || (there[name] ? there[name].version === version : optional || devOptional),
  );
}

function installPackages() {
  if (areInstalled()) return;
  const modules = path.join(root, 'node_modules');
  if (fs.lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error(`${modules} is a link and lacks packages of the lock file; npm ci would empty what it points to: replace it by a folder`);
    process.exit(1);
  }
  console.error('installing the packages of package-lock.json (npm ci, about 20 s)');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('npm ci failed, see above: with a registry in reach, run it by hand and then this again');
    process.exit(1);
  }
}

/** The bundle of one entry file. Written beside and renamed, so that a second start never reads half of it. */
function bundle(entry) {
  const folder = path.join(root, 'node_modules', '.cache', 'flotilla');
  const outfile = path.join(folder, entry.replace(/\W/g, '-') + '.cjs');
  const half = `${outfile}.${process.pid}`;
  fs.mkdirSync(folder, { recursive: true });
  require('esbuild').buildSync({
    entryPoints: [path.join(root, entry)],
    outfile: half,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
  fs.renameSync(half, outfile);
  return outfile;
}

module.exports = { requireNode, installPackages, bundle };
