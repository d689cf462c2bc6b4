import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { repository } from '../support/sandbox';

const shellFiles = ['scripts', 'artifacts']
  .flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && (entry.name.endsWith('.sh') || entry.name === 'machine-start'))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  .concat(join(repository, 'components/files/bridge-cni.sh'))
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

  // In a pipe it is a process of its own, and in a condition `set -e` is off: who does not look goes on without the file.
  const goesOn = /^(?!\s*#).*\bwrite_file (?!.*\|\| exit 1)/m;
  it.each(names.filter((name) => name !== 'scripts/lib/file.sh'))('%s ends when a file cannot be written', (name) =>
    expect(read(name)).not.toMatch(goesOn),
  );
  it('sees one that would go on', () => {
    for (const line of ['  echo a | write_file f 0600 || true', '  write_file f 0600 <g']) expect(line).toMatch(goesOn);
    for (const line of ['  echo a | write_file f 0600 || exit 1', '# write_file <path>']) expect(line).not.toMatch(goesOn);
  });

  // Bash before 5.1 writes a here-string to a file in /tmp. A script that handles secrets has none at all, so that nobody has to judge what is in one.
  const handlesSecrets = (text: string): boolean =>
    /lib\/(random-secrets|vault-keys|service-account)\.sh|service-account-token|through pipes/i.test(text);
  const hereString = /^(?!\s*#).*<<</m;
  it.each(names.filter((name) => handlesSecrets(read(name)) || /lib\/(random-secrets|vault-keys|service-account)/.test(name)))(
    '%s puts nothing into a here-string',
    (name) => expect(read(name)).not.toMatch(hereString),
  );
  it('sees one that would', () => {
    expect(names.filter((name) => handlesSecrets(read(name))).length).toBeGreaterThan(8);
    expect('  manifest "$2" <<<"$3" | kubectl').toMatch(hereString);
    expect('# <<<\n  printf \'%s\' "$3" | manifest').not.toMatch(hereString);
  });

  // There the end of who is asked ends nothing: an answer that did not come is taken for an empty one.
  const dying = names.flatMap((name) =>
    [...read(name).matchAll(/^(\w+)\(\) (?:[{(] .*[)}](?: #.*)?|[{(](?: #.*)?\n[\s\S]*?\n[)}])$/gm)].flatMap(([body, of]) =>
      /\bdie ['"]|\|\| exit 1/.test(body!) && of !== 'main' ? [of!] : [],
    ),
  );
  const swallowing = new RegExp(`^(?!\\s*#).*(\\[\\[ .*|\\bin )(?<![="])"?\\$\\((${dying.join('|')})[ )]`);
  const swallowed = (text: string): readonly string[] => text.split('\n').filter((line) => swallowing.test(line));
  it.each(names)('%s asks nobody who may die inside of a condition or a list', (name) => expect(swallowed(read(name))).toEqual([]));
  it('sees one that would', () => {
    const wrong = ['  [[ -n "$(kind_containers "$1")" ]] || a', '  for n in $(kind_containers "$c" | awk 1); do'];
    expect(swallowed(['  found="$(kind_containers "$1")" || exit 1', ...wrong, '  [[ -n "$(machine_name a b)" ]]'].join('\n'))).toEqual(
      wrong,
    );
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

  // macOS has the programs of BSD. What is for Linux alone says so by its folder or its header.
  const ofMacs = names.filter(
    (name) =>
      /^scripts\/(host\/((tart|multipass|kind)\/)?[^/]+|lib\/(?!cgroup|lab|machine|registry|kubeadm|containers|etcd-peers)[^/]+)\.sh$/.test(
        name,
      ) && !/lab-/.test(name),
  );
  const gnu = new RegExp(
    // A program that runs in a pod is one of Linux.
    `^(?!\\s*(?:#|in_controller )).*(?<![-\\w])(?:${[
      'readlink -f',
      'stat (?:-\\w*c|--)',
      '(?:timeout|setsid|nproc|sha\\d+sum|md5sum|tac|numfmt|fuser) ',
      'flock -',
      'date (?:-d|--|.*%N)',
      "sed -i(?! '')",
      'xargs (?:-\\w*r|.*-d)',
      'grep (?:-\\w )*-\\w*P',
      'base64 (?:-w|--)',
      'sort (?:-\\w )*-\\w*V',
      'find .*-printf',
    ].join('|')})`,
    'm',
  );
  // What bash 3.2 lacks is the matter of old-bash.test.ts.
  it.each(ofMacs)('%s keeps to the programs of BSD', (name) => {
    // It looks first whether there is one.
    if (name !== 'scripts/lib/lock.sh') expect(read(name).match(gnu)?.[0]).toBeUndefined();
  });
  it('sees what only GNU has', () => {
    for (const line of [
      'x="$(readlink -f a)"',
      'timeout 5 a',
      '  sed -i s/a/b/ f',
      'a | xargs -r b',
      "grep -oP 'x' f",
      'a | base64 -w 0',
      'sha256sum f',
    ])
      expect(line).toMatch(gnu);
    for (const line of ['# timeout 5', 'a --timeout 30', 'grep -E x f', 'b | base64 | tr -d x', 'kubectl --sort-by=a'])
      expect(line).not.toMatch(gnu);
  });
});
