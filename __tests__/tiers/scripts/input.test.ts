import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Sandbox, scripts } from '../../support/sandbox';

const wantInput = ['host', 'guest']
  .flatMap((folder) => readdirSync(join(scripts, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.name.endsWith('.sh'))
  .map((entry) => relative(scripts, join(entry.parentPath, entry.name)))
  .filter((name) => /^# {3}INPUT \{/m.test(readFileSync(join(scripts, name), 'utf8')));
// Programs that could change something on this machine: none may be reached before all input is there.
const dangerous = [
  'ip',
  'kill',
  'kubeadm',
  'kubectl',
  'mount',
  'nft',
  'rm',
  'ssh',
  'ssh-keygen',
  'sysctl',
  'systemctl',
  'systemd-nspawn',
  'umount',
];

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

describe('a script whose INPUT is missing', () => {
  it('is one of many', () => expect(wantInput.length).toBeGreaterThan(15));

  it.each(wantInput)('%s dies with the names of the fields and has changed nothing', (name) => {
    for (const program of dangerous) sandbox.stub(program);
    const before = sandbox.picture();
    for (const input of [null, {}, { deployment: sandbox.deployment }]) {
      // Some need no more than the deployment.
      if (input !== null && 'deployment' in input && /INPUT \{deployment\}$/m.test(readFileSync(join(scripts, name), 'utf8'))) continue;
      const { code, stdout, stderr } = sandbox.script(name, input);
      expect(code).not.toBe(0);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^error: INPUT (is empty|lacks \w)/);
    }
    expect(sandbox.picture()).toBe(before);
    expect(sandbox.calls()).toEqual([]);
  });
});

describe('read_input', () => {
  const read = (input: object, fields: string, shown: string) =>
    sandbox.lines(['lib/input.sh'], `f() { local a b c; read_input ${fields}; printf '%s|' ${shown}; }; f`, {
      INPUT: JSON.stringify(input),
    });

  it('hands over strings as they are, also those that look like bash', () => {
    const hostile = `'; touch "$HOME/owned"; $(touch owned) \`x\` \n end`;
    expect(read({ a: hostile, b: 'x' }, 'a b', '"$a" "$b"').stdout).toBe(`${hostile}|x|`);
    expect(sandbox.picture()).not.toContain('owned');
  });

  it('hands over numbers, false and objects as JSON, and optional fields as nothing', () => {
    expect(read({ a: 5, b: false }, 'a b "c?"', '"$a" "$b" "$c"').stdout).toBe('5|false||');
    expect(read({ a: { b: [1] } }, 'a', '"$a"').stdout).toBe('{"b":[1]}|');
  });

  it('names all that is missing at once', () => {
    expect(read({ b: 1 }, 'a b c', '').stderr).toMatch(/^error: INPUT lacks a, c\n {2}a fault of the caller of bash, .* with: a b c\n$/);
  });
});

describe('write_file', () => {
  const libs = ['lib/input.sh', 'lib/file.sh'];
  const content = (path: string): string => readFileSync(join(sandbox.root, path), 'utf8');

  it('has the content on the disk before the name, and the mark of a change before both', () => {
    sandbox.stub('sync', '[[ -e mark ]] && echo "marked" >>calls');
    sandbox.stub('mv');
    sandbox.lines(libs, 'printf a | write_file f 0600 mark');
    expect(sandbox.calls()).toEqual([
      expect.stringMatching(/^sync f\.new\.\d+$/),
      'marked',
      expect.stringMatching(/^mv -f f\.new\.\d+ f$/),
    ]);
  });

  it('leaves an equal file alone and puts another in its place at once', () => {
    const write = (text: string) =>
      sandbox.lines(libs, `rm -f mark; printf %s '${text}' | write_file sub/f 0600 mark && [[ ! -e mark ]] && echo same || echo changed`)
        .stdout;
    expect([write('a'), write('a'), write('b')]).toEqual(['changed\n', 'same\n', 'changed\n']);
    expect(readdirSync(join(sandbox.root, 'sub'))).toEqual(['f']);
    expect(sandbox.lines([], 'ls -l sub/f').stdout).toMatch(/^-rw------- /);
  });

  // The end of what a process may write stands in for that of the disk.
  it.each([
    ['a disk that is full', 'trap "" XFSZ; ulimit -f 1; printf "%03000d" 7 | write_file f 0600', /f cannot be written\n.*df -h/],
    ['a folder that is not ours', 'printf new | write_file /proc/nowhere/f 0600', /\/proc\/nowhere\/f cannot be written\n/],
    ['one who should have told and died', 'jq -n "error" | write_file f 0600', /there is nothing to write to f:.*\n.*f is as it was/],
  ])('%s costs no file, and the script ends there', (_what, body, words) => {
    sandbox.write('f', 'good');
    const { code, stdout, stderr } = sandbox.lines(libs, `keep() { ${body} || exit 1; }; if keep; then echo went on; fi`);
    expect([code, stdout, content('f')]).toEqual([1, '', 'good']);
    expect(stderr).toMatch(words);
    expect(readdirSync(sandbox.root).filter((file) => file.includes('.new.'))).toEqual([]);
  });

  it('takes away what a killed script had begun, which may be a secret, and nothing of one that lives', () => {
    const living = `f.new.${process.pid}`;
    for (const file of ['f.new.4194305', living, 'f.new.conf']) sandbox.write(file, 'half');
    expect(sandbox.lines(libs, 'printf a | write_file f 0600').code).toBe(0);
    expect(readdirSync(sandbox.root).filter((file) => file.startsWith('f'))).toEqual(['f', living, 'f.new.conf'].sort());
  });
});
