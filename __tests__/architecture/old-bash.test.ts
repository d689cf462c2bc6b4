import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bashCompletion } from '../../cli/completion/bash';
import { repository } from '../support/sandbox';
import { oldBashFaults, oldBashKinds } from './old-bash';

/** Scripts that only Linux runs, whose bash is 4.4 or newer: what nspawn needs, and what guests share. */
const ofLinux = ['scripts/lib/cgroup.sh', 'scripts/lib/kubeadm.sh', 'scripts/host/nspawn/'];
/** Of the preparation a Mac runs these. The others make Linux images, or compile, where a Mac needs a newer bash first on PATH. */
const downloads = ['supervise', 'download', 'official-providers', 'host-tools', 'registry-store'].map(
  (name) => `artifacts/build/${name}.sh`,
);
const hostScripts = ['scripts/host', 'scripts/lib']
  .flatMap((folder) => readdirSync(join(repository, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith('.sh'))
  .map((entry) => relative(repository, join(entry.parentPath, entry.name)))
  .filter((name) => !ofLinux.some((start) => name.startsWith(start)))
  .concat(downloads)
  .sort();
const read = (name: string): string => readFileSync(join(repository, name), 'utf8');

/** A bash 3.2: that of macOS, or one that is on PATH. */
const oldBash = ['/bin/bash', 'bash-3.2', 'bash'].find((program) =>
  /version 3\.2\./.test(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''),
);
const newBash = ['bash', '/bin/bash', '/opt/homebrew/bin/bash'].find((program) =>
  /version [5-9]/.test(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''),
);
const run = (bash: string, program: string): string => {
  const { status, stdout } = spawnSync(bash, ['-c', program], { encoding: 'utf8' });
  return `${stdout}ended with ${status}`;
};

describe('bash 3.2, which macOS has', () => {
  it('the scripts of the host are found', () => expect(hostScripts.length).toBeGreaterThan(40));
  it.each(hostScripts)('%s has no line that bash 3.2 lacks or understands differently', (name) =>
    expect(oldBashFaults(read(name))).toEqual([]),
  );

  it('the completion that a Mac loads has none either', () => {
    const verbs = [
      { name: 'up', summary: '', options: [{ flag: '--fleet', summary: '', value: { names: 'fleet' as const } }], operand: null },
    ];
    expect(oldBashFaults(bashCompletion(verbs, '/a'))).toEqual([]);
  });

  it.each(oldBashKinds)('the check finds this kind: $why', ({ pattern, wrong, right }) => {
    expect(`${wrong}\n`).toMatch(new RegExp(pattern, 'm'));
    if (right !== undefined) expect(oldBashFaults(`${right}\n`)).toEqual([]);
  });

  it.each([
    '"${HTTPS_PROXY:-${https_proxy:-}}"',
    '"${names//[][\\",]/ }"',
    '${a[@]+"${a[@]}"}',
    '"${x:-$y}"',
    '(a) || exit 1',
    '((a == 0 || b > 0)) || c=$((c + 1))',
    'f() (a)',
  ])('the check lets pass what bash 3.2 understands: %s', (line) => expect(oldBashFaults(`${line}\n`)).toEqual([]));

  it('the check finds each kind in a script of the host', () => {
    const script = read('scripts/host/argo-cd-cluster.sh');
    for (const { wrong } of oldBashKinds) {
      const changed = script.replace('main() {\n', () => `main() {\n${wrong}\n`);
      expect(oldBashFaults(changed)).not.toEqual([]);
    }
  });

  (oldBash === undefined ? it.skip : it)('a real bash 3.2 parses every script of the host', () => {
    const refused = hostScripts.filter((name) => spawnSync(oldBash!, ['-n', join(repository, name)]).status !== 0);
    expect(refused).toEqual([]);
  });

  const both = oldBash !== undefined && newBash !== undefined;
  (both ? it.each(oldBashKinds) : it.skip.each(oldBashKinds))('a real bash 3.2 and a new one differ: $why', ({ wrong, right }) => {
    expect(run(oldBash!, wrong)).not.toBe(run(newBash!, wrong));
    if (right !== undefined) expect(run(oldBash!, right)).toBe(run(newBash!, right));
  });
});
