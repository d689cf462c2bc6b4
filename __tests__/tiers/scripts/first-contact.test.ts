import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Run, Sandbox, scripts } from '../../support/sandbox';

const key = 'ssh-ed25519 AAAAours flotilla';
let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
  machine();
});
afterEach(() => sandbox.remove());

const inMachine = (path: string): string => join(sandbox.root, 'machine', path);
const read = (path: string): string => readFileSync(inMachine(path), 'utf8');

/** A clone of a public image, and the programs of a machine that touch more than files. */
function machine(): void {
  sandbox.write('machine/etc/ssh/sshd_config.d/50-cloud-init.conf', 'PasswordAuthentication yes\n');
  for (const type of ['rsa', 'ecdsa', 'ed25519']) sandbox.write(`machine/etc/ssh/ssh_host_${type}_key`, 'of the image');
  sandbox.write('machine/sys/class/net/lo/address', '00:00:00:00:00:00\n');
  sandbox.write('machine/sys/class/net/enp0s1/address', '52:54:00:00:00:0a\n');
  sandbox.write('machine/etc/machine-id', 'c1a55e0f5ba5e0000000000000000001\n');
  sandbox.write('machine/etc/hosts', '127.0.0.1 localhost\n127.0.1.1 ubuntu\n');
  mkdirSync(inMachine('etc/cloud/cloud.cfg.d'), { recursive: true });
  for (const program of ['hostname', 'systemctl']) sandbox.stub(program);
  // As sshd does: the first value counts, by the names of the files.
  sandbox.stub(
    'sshd',
    `first() { cat '${inMachine('etc/ssh/sshd_config.d')}'/*.conf | awk -v k="$1" 'tolower($1) == k {print k, $2; exit}'; }
     first passwordauthentication; first kbdinteractiveauthentication`,
  );
}

/** @param setUp bash before the script's own lines */
const meet = (setUp = '', from = join(scripts, 'guest/first-contact.sh'), name = 'f000001-a', macAddress = '52:54:00:00:00:0a'): Run =>
  sandbox.lines([], `${setUp}\n. '${from}'\nmain`, {
    INPUT: JSON.stringify({ machine: name, authorizedKey: key, macAddress }),
    FLOTILLA_NODE: 'a',
    ROOT_FOLDER: inMachine(''),
  });

const letsKeyIn = (): boolean => existsSync(inMachine('root/.ssh/authorized_keys')) && read('root/.ssh/authorized_keys') === `${key}\n`;
const refusesPasswords = (): boolean => existsSync(inMachine('etc/ssh/sshd_config.d/00-flotilla.conf'));

describe('first-contact.sh', () => {
  it('lays our key, takes an identity of its own, refuses passwords and tells the new host key', () => {
    const { code, stdout } = meet();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+\n$/);
    expect([letsKeyIn(), refusesPasswords()]).toEqual([true, true]);
    expect(['rsa', 'ecdsa', 'ed25519'].map((type) => existsSync(inMachine(`etc/ssh/ssh_host_${type}_key`)))).toEqual([false, false, true]);
    expect(read('etc/ssh/ssh_host_ed25519_key')).toContain('OPENSSH PRIVATE KEY');
    expect(read('etc/machine-id')).toMatch(/^(?!c1a55e)[0-9a-f]{32}\n$/);
    expect(read('etc/hosts')).toBe('127.0.0.1 localhost\n');
    expect(read('etc/cloud/cloud.cfg.d/99_flotilla.cfg')).toContain('ssh_pwauth: false');
    expect(sandbox.calls()).toContain('systemctl restart ssh.service');
  });

  it('keeps the identity when it is run again, but not the one of the machine that it was cloned from', () => {
    const first = meet().stdout;
    expect(meet().stdout).toBe(first);
    expect(meet('', undefined, 'f000001-b').stdout).not.toBe(first);
  });

  it('changes nothing of a machine that is another one', () => {
    const before = sandbox.picture();
    const { code, stderr } = meet('', undefined, undefined, '52:54:00:00:00:0b');
    expect(code).toBe(1);
    expect(stderr).toContain('the machine that answers for a is another one: it has no network card 52:54:00:00:00:0b');
    expect([letsKeyIn(), refusesPasswords(), sandbox.picture() === before]).toEqual([false, false, true]);
  });

  it('says so when the image lets passwords in all the same', () => {
    sandbox.write('machine/etc/ssh/sshd_config.d/00-early.conf', 'PasswordAuthentication yes\n');
    const { code, stderr } = meet();
    expect(code).toBe(1);
    expect(stderr).toContain('takes passwords in spite of');
    expect(sandbox.calls()).not.toContain('systemctl restart ssh.service');
  });

  /** Kills the script before its nth command, for every fourth n: a machine with a shut door, or without a host key, is lost. */
  const killedEverywhere = (from?: string): readonly string[] => {
    const lost: string[] = [];
    for (let moment = 2; ; moment += 4) {
      const { code } = meet(`set -T; step=0; trap '((++step != ${moment})) || kill -KILL $$' DEBUG`, from);
      if (refusesPasswords() && !letsKeyIn()) lost.push(`at ${moment}: nobody gets in`);
      if (!existsSync(inMachine('etc/ssh/ssh_host_ed25519_key'))) lost.push(`at ${moment}: sshd would not start`);
      if (code === 0 || lost.length > 0) return lost;
    }
  };

  it('locks nobody out when it is killed, wherever that is, and comes to its end the next time', () => {
    expect(killedEverywhere()).toEqual([]);
    expect([letsKeyIn(), refusesPasswords()]).toEqual([true, true]);
  });

  it('would, if it turned the password off first', () => {
    const text = readFileSync(join(scripts, 'guest/first-contact.sh'), 'utf8');
    const [, before, lays, between, refuses, after] =
      /^([\s\S]*\n)( {2}allow_key [^\n]*\n)([\s\S]*\n)( {2}refuse_passwords\n)([\s\S]*)$/.exec(text)!;
    const sabotaged = sandbox.write('scripts/guest/first-contact.sh', '');
    writeFileSync(sabotaged, `${before}${refuses}${between}${lays}${after}`.replaceAll('$here/..', scripts));
    expect(killedEverywhere(sabotaged)).toContainEqual(expect.stringContaining('nobody gets in'));
  });
});
