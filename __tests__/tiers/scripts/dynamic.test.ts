import { chmodSync, chownSync, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

const deployment = '.flotilla/lab@nspawn';
const libs = ['lib/input.sh', 'lib/file.sh', 'lib/deployment.sh', 'lib/lock.sh', 'lib/ssh.sh', 'lib/mark.sh', 'lib/dynamic.sh'];
const node = (name: string, more: object) => sandbox.write(`${deployment}/nodes/${name}.json`, { node: name, uid: 'abc123', ...more });

describe('with_addresses', () => {
  const real = (of: string, json: object) => sandbox.lines(libs, `with_addresses ${deployment} ${of} '${JSON.stringify(json)}'`);

  it('puts what was leased in place of every word that stands for it, and leaves all else as it is', () => {
    node('a', { address: '192.168.64.2', gateway: '192.168.64.1', registry: '' });
    node('b', { address: '192.168.64.3' });
    const input = { text: 'leased(a)/24 leased(b)', deep: [{ url: 'leased(registry)x', to: 'leased(gateway)' }], n: 1, not: 'leased(B)' };
    expect(JSON.parse(real('a', input).stdout)).toEqual({
      text: '192.168.64.2/24 192.168.64.3',
      deep: [{ url: 'x', to: '192.168.64.1' }],
      n: 1,
      not: 'leased(B)',
    });
    expect(real('nobody', { a: 'plain', list: [1, null] }).stdout).toBe('{"a":"plain","list":[1,null]}\n');
  });

  it('dies with a remedy where nobody knows the address', () => {
    node('a', {});
    for (const [of, json] of [
      ['a', { x: 'leased(a)' }],
      ['a', { x: 'leased(gateway)' }],
      ['a', { x: 'leased(c)' }],
    ] as const) {
      const { code, stdout, stderr } = real(of, json);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('raise the machine first: npm start');
    }
  });
});

it('marks a node whose address changed, and no other', () => {
  node('a', { address: '192.168.64.2' });
  node('b', { address: '192.168.64.3' });
  node('c', {});
  const { code } = sandbox.lines(libs, `for node in a b c; do remember_address ${deployment} $node 192.168.64.3 192.168.64.1 ''; done`);
  expect(code).toBe(0);
  expect(['a', 'b', 'c'].map((name) => existsSync(join(sandbox.deployment, `nodes/.moved-${name}`)))).toEqual([true, false, false]);
  expect(JSON.parse(readFileSync(join(sandbox.deployment, 'nodes/a.json'), 'utf8'))).toMatchObject({
    address: '192.168.64.3',
    uid: 'abc123',
  });
});

it('locks also where there is no flock', () => {
  const { stdout } = sandbox.lines(
    libs,
    `command() { [[ "$*" != '-v flock' ]] && builtin command "$@"; }
     exec 8>lock
     lock_descriptor 8 1 && echo mine
     ( exec 8>&-; exec 9>lock; lock_descriptor 9 1 || echo busy )
     exec 8>&-
     ( exec 9>lock; lock_descriptor 9 1 && echo free )`,
  );
  expect(stdout).toBe('mine\nbusy\nfree\n');
});

describe('Tart', () => {
  const tart = [...libs, 'lib/agent.sh', 'lib/tart.sh'];

  it('takes nothing but its word "does not exist" for absence: a clone over a machine replaces it', () => {
    const said = (body: string) => {
      sandbox.stub('tart', body);
      const { code, stdout } = sandbox.lines(tart, 'said="$(tart_look m)" && echo "said:$said"');
      return [code, stdout];
    };
    expect(said(`echo 'the specified VM "m" does not exist' >&2; exit 2`)).toEqual([0, 'said:\n']);
    expect(said(`echo '{"State":"running"}'`)).toEqual([0, 'said:{"State":"running"}\n']);
    for (const other of ['exit 2', 'exit 1', `echo 'the specified VM "n" does not exist' >&2; exit 2`, 'kill -9 $$'])
      expect(said(other)[0]).toBe(1);
  });

  it('rounds a disk up to what Tart counts', () => {
    expect(sandbox.lines(tart, 'disk_gb 1; disk_gb 20; disk_gb 100').stdout).toBe('2\n22\n108\n');
  });

  it('refuses softnet that could not open the network, before anything is made', () => {
    for (const [program, body] of [
      ['softnet', ''],
      ['id', 'echo 501'],
      ['sudo', 'exit 1'],
    ] as const)
      sandbox.stub(program, body);
    const possible = (network: string) => sandbox.lines(tart, `assert_network_possible ${network}`);
    expect(possible('softnet').stderr).toMatch(/softnet does not run as root\n {2}once.*sudo chmod u\+s/);
    expect(possible('nat').code).toBe(0);
    // What anybody else owns gains nothing by the bit.
    const softnet = join(sandbox.root, 'bin/softnet');
    if (process.getuid?.() === 0) chownSync(softnet, 65534, 65534);
    chmodSync(softnet, 0o4755);
    expect(possible('softnet').code).toBe(1);
    sandbox.stub('sudo', '[[ "$*" == "-k -n true" ]]');
    expect(possible('softnet').code).toBe(0);
  });

  it('writes an agent that launchd reads, whatever is in its words', () => {
    const { stdout } = sandbox.lines(tart, `agent_plist flotilla.x '/a b/log' 'PATH=/usr/bin' 'X=<1 & 2>' -- /bin/echo 'a & b' '<c>'`);
    expect(stdout).toContain('<string>a &amp; b</string>\n    <string>&lt;c&gt;</string>');
    expect(stdout).toContain('<key>X</key>\n    <string>&lt;1 &amp; 2&gt;</string>');
    expect(stdout).toMatch(/<key>RunAtLoad<\/key>\n {2}<false\/>/);
    expect(stdout).not.toContain('KeepAlive');
  });
});

describe('the data of the host', () => {
  const folder = (system: string, user: number): string => {
    sandbox.stub('uname', `echo ${system}`);
    sandbox.stub('id', `echo ${user}`);
    return sandbox.lines(libs, 'host_data', { FLOTILLA_HOST_DATA: '', HOME: '/users/me' }).stdout;
  };

  it('is where this user may write', () => {
    expect(folder('Linux', 0)).toBe('/var/lib/flotilla\n');
    expect(folder('Linux', 1000)).toBe('/users/me/.local/share/flotilla\n');
    expect(folder('Darwin', 501)).toBe('/users/me/Library/Application Support/flotilla\n');
  });

  it('is where the command looks for it', () => {
    const { FLOTILLA_HOST_DATA: before } = process.env;
    delete process.env.FLOTILLA_HOST_DATA;
    const seen = (user: number): string => {
      jest.spyOn(process, 'getuid').mockReturnValue(user);
      jest.resetModules();
      return require('../../../runner/host/claims').hostData;
    };
    try {
      expect(seen(0)).toBe('/var/lib/flotilla');
      if (process.platform === 'linux') expect(seen(1000)).toBe(join(homedir(), '.local/share/flotilla'));
    } finally {
      jest.restoreAllMocks();
      if (before !== undefined) process.env.FLOTILLA_HOST_DATA = before;
    }
  });
});
