// Programs of Debian packages that are unpacked into the cache, not installed: their packages would start daemons on the host.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const packages = { promtool: 'prometheus', amtool: 'prometheus-alertmanager' };

const there = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** @returns the folder with the program, or `null` where it is not to be had; whose tests then say what they do not prove */
function unpacked(program, cacheDir) {
  const folder = path.join(cacheDir, 'debian', packages[program]);
  const bin = path.join(folder, 'usr', 'bin');
  if (fs.existsSync(path.join(bin, program))) return bin;
  const work = `${folder}.making-${process.pid}`;
  fs.mkdirSync(work, { recursive: true });
  try {
    const call = (command, ...args) => spawnSync(command, args, { cwd: work, stdio: 'ignore' }).status === 0;
    if (!call('apt-get', 'download', '-qq', packages[program])) return null;
    const archive = fs.readdirSync(work).find((file) => file.endsWith('.deb'));
    if (archive === undefined || !call('dpkg-deb', '-x', archive, path.join(work, 'tree'))) return null;
    if (!fs.existsSync(path.join(work, 'tree', 'usr', 'bin', program))) return null;
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(path.join(work, 'tree'), folder);
    return bin;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** Puts what is missing, and can be had, on this process's PATH. @returns the programs that are still not there */
function provide(cacheDir) {
  const missing = Object.keys(packages).filter((program) => !there(program));
  const canUnpack = there('apt-get') && there('dpkg-deb');
  return missing.filter((program) => {
    const bin = canUnpack ? unpacked(program, cacheDir) : null;
    if (bin !== null) process.env.PATH = `${process.env.PATH}${path.delimiter}${bin}`;
    return bin === null;
  });
}

module.exports = { provide, unpacked };
