// What stands between a fresh clone and our first own line: Node of the right age and the packages of the lock file. `pre` scripts could
// not do this, npm skips them under ignore-scripts.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const Module = require('node:module');
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

/** Loads one entry file, bundled. The bundle is kept where node_modules can be written; in a read-only checkout it is only kept in memory. */
function load(entry) {
  const file = bundleFile(entry);
  const text = require('esbuild').buildSync({ ...options(entry), write: false }).outputFiles[0].text;
  if (keep(file, text)) return require(file);
  // Under its name in node_modules, so that its packages are found.
  const bundled = new Module(file, module);
  bundled.filename = file;
  bundled.paths = Module._nodeModulePaths(path.dirname(file));
  bundled._compile(text, file);
  return bundled.exports;
}

const bundleFile = (entry) => path.join(root, 'node_modules', '.cache', 'flotilla', `${entry.replace(/\W/g, '-')}.cjs`);

/** Writes a bundle beside its place and renames it, so that a second start never reads half of it. @returns whether it could be written */
function keep(file, text) {
  const half = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(half, text);
    fs.renameSync(half, file);
    return true;
  } catch {
    // Read-only, full, or another user's: Node even reports ENOENT for a folder on a read-only file system.
    return false;
  }
}

/** The bundle of one entry file, for programs that start it as a process of its own. */
function bundle(entry) {
  const file = bundleFile(entry);
  const { outputFiles } = require('esbuild').buildSync({ ...options(entry), write: false });
  if (!keep(file, outputFiles[0].text)) throw new Error(`${file} cannot be written: make the checkout writable`);
  return file;
}

const options = (entry) => ({
  entryPoints: [path.join(root, entry)],
  outfile: bundleFile(entry),
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'error',
});

module.exports = { requireNode, installPackages, load, bundle };
