import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { repository } from './sandbox';

const shellFiles = ['scripts', 'offline']
  .flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && (entry.name.endsWith('.sh') || entry.name === 'machine-start'))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  .sort();
const names = shellFiles.map((file) => relative(repository, file));
const programs = names.filter((name) => !name.startsWith('scripts/lib/'));
const read = (name: string): string => readFileSync(join(repository, name), 'utf8');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const said = (program: string, words: readonly string[]): string => {
  const { stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', cwd: repository });
  return stdout + stderr;
};

describe('every shell script', () => {
  it('is found', () => expect(names.length).toBeGreaterThan(30));

  (has('shellcheck') ? it : it.skip)('satisfies shellcheck', () => {
    const options = ['-x', '-P', 'SCRIPTDIR'];
    // It takes 23 s: what was found clean byte by byte, by the same shellcheck, is not looked at again.
    const hash = createHash('sha256').update([said('shellcheck', ['--version']), ...options, ...names, ...names.map(read)].join('\0'));
    const clean = join(repository, 'node_modules/.cache/flotilla', `shellcheck-${hash.digest('hex')}`);
    if (existsSync(clean)) return;
    expect(said('shellcheck', [...options, ...shellFiles])).toBe('');
    mkdirSync(dirname(clean), { recursive: true });
    writeFileSync(clean, '');
  });

  (has('shfmt') ? it : it.skip)('is formatted by shfmt', () => {
    expect(said('shfmt', ['-i', '2', '-ci', '-d', ...shellFiles])).toBe('');
  });

  it.each(names)('%s is short and has a name in kebab-case', (name) => {
    expect(read(name).split('\n').length - 1).toBeLessThanOrEqual(120);
    expect(basename(name)).toMatch(/^[0-9a-z]+(-[0-9a-z]+)*(\.sh)?$/);
  });

  it.each(names)('%s names each file that it sources for shellcheck and for the hash', (name) => {
    const lines = read(name).split('\n');
    const sourcing = lines.flatMap((line, index) => (/^\s*\. ["']?\$|^\s*source /.test(line) ? [index] : []));
    for (const index of sourcing) expect(lines[index - 1]).toMatch(/^\s*# shellcheck source=/);
    for (const [, source] of read(name).matchAll(/^\s*# shellcheck source=(\S+)$/gm)) {
      if (source !== '/dev/null') expect(() => readFileSync(join(repository, dirname(name), source!))).not.toThrow();
    }
  });

  // Such a reader leaves when it knows; whoever still writes dies of it, and with pipefail the whole pipe has failed: seen once in a hundred runs.
  const leavesEarly = /^[^#\n]*[^|#\n]\|\s*(grep (-\w+ )*-\w*q|head\b)/m;
  it.each(names)('%s pipes into nothing that leaves before the end', (name) => expect(read(name)).not.toMatch(leavesEarly));
  it('sees one that would', () => {
    for (const line of ['busybox | grep -q x', '  a | grep -E -q x', 'find . | head -n 1']) expect(line).toMatch(leavesEarly);
    for (const line of ['grep -q x <<<"$a"', '# a | head', 'a || grep -q x file', 'a | sed -n 1p']) expect(line).not.toMatch(leavesEarly);
  });

  it.each(programs)('%s begins with what it does and its input, is strict and ends with main', (name) => {
    const text = read(name);
    const [first, ...rest] = text.split('\n');
    const header = rest
      .slice(
        0,
        rest.findIndex((line) => !line.startsWith('#')),
      )
      .join('\n');
    expect(first).toBe('#!/usr/bin/env bash');
    expect(header).toMatch(/safe to run twice|changes nothing/i);
    expect(header).toMatch(/INPUT|argument|environment|network\.env/i);
    expect(text).toMatch(/^set -euo pipefail$/m);
    expect(text).toMatch(/\n\[\[ "\$\{BASH_SOURCE\[0\](:-\$0)?\}" != "\$0" \]\] \|\| main "\$@"\n$/);
  });

  // macOS has bash 3.2. What is for Linux alone says so by its folder or its header.
  it.each(
    names.filter(
      (name) =>
        /^scripts\/(host\/((tart|multipass|kind)\/)?[^/]+|lib\/(?!cgroup|lab|machine|registry|kubeadm|containers)[^/]+)\.sh$/.test(name) &&
        !/lab-/.test(name),
    ),
  )('%s keeps to bash 3.2', (name) =>
    expect(read(name)).not.toMatch(/declare -A|mapfile|readarray|\$\{\w+(,,|\^\^)|wait -n|\|&|EPOCHREALTIME|BASHPID|\$\{\w+@/),
  );
});
