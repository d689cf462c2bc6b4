import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Sandbox, scripts } from './sandbox';

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
  it('has the content on the disk before the name', () => {
    sandbox.stub('sync');
    sandbox.stub('mv');
    sandbox.lines(['lib/file.sh'], 'printf a | write_file f 0600');
    expect(sandbox.calls()).toEqual([expect.stringMatching(/^sync f\.new\.\d+$/), expect.stringMatching(/^mv -f f\.new\.\d+ f$/)]);
  });

  it('leaves an equal file alone and puts another in its place at once', () => {
    const write = (text: string) =>
      sandbox.lines(['lib/file.sh'], `printf %s '${text}' | write_file sub/f 0600 && echo changed || echo same`).stdout;
    expect([write('a'), write('a'), write('b')]).toEqual(['changed\n', 'same\n', 'changed\n']);
    expect(readdirSync(join(sandbox.root, 'sub'))).toEqual(['f']);
    expect(sandbox.lines([], 'ls -l sub/f').stdout).toMatch(/^-rw------- /);
  });
});
