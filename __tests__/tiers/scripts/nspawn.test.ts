import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const deployment = '.flotilla/lab@nspawn';
const uid = 'zz9999';

onLinux('the nspawn provider', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.remove());

  it('tells stopped, absent and unknown machines apart', () => {
    for (const name of ['a', 'b']) sandbox.write(`${deployment}/nodes/${name}.json`, {});
    for (const name of ['a', 'c']) sandbox.write(`host/${uid}/${name}/machine.json`, { uid, node: name });
    const { stdout } = sandbox.script('host/nspawn/machines.sh', { deployment, uid });
    expect(JSON.parse(stdout)).toEqual({
      machines: [
        { node: 'a', state: 'stopped' },
        { node: 'b', state: 'absent' },
        { node: 'c', state: 'stopped', unknown: true },
      ],
    });
  });

  it.each(['machine-stop', 'machine-delete'])('%s never touches a folder without our mark', (script) => {
    sandbox.write(`host/${uid}/a/precious`, 'data');
    const before = sandbox.picture();
    const { code, stderr } = sandbox.script(`host/nspawn/${script}.sh`, { deployment, uid, node: 'a', how: 'power-cut' });
    expect(code).toBe(1);
    expect(stderr).toContain('is not marked as node "a"');
    expect(sandbox.picture()).toBe(before);
  });

  it('deletes a machine that is half made, and one that was never made', () => {
    sandbox.stub('ip');
    sandbox.write(`host/${uid}/a/making.json`, { uid, node: 'a' });
    sandbox.write(`host/${uid}/a/upper/x`, 'x');
    for (const _ of [1, 2]) expect(sandbox.script('host/nspawn/machine-delete.sh', { deployment, uid, node: 'a' }).code).toBe(0);
    expect(sandbox.picture()).not.toContain(`host/${uid}/a`);
  });

  it('takes over a folder of which nothing but a half-written mark exists', () => {
    sandbox.stub('ip');
    sandbox.write(`host/${uid}/a/making.json.new.17`, '{');
    expect(sandbox.script('host/nspawn/machine-delete.sh', { deployment, uid, node: 'a' })).toMatchObject({ code: 0 });
  });

  it('a machine that runs with another size is powered down cleanly, one of the same size is only looked at', () => {
    const stop = sandbox.write('machine-stop.sh', 'jq -r .how <<<"$INPUT" >>stopped\n').replace('/machine-stop.sh', '');
    sandbox.write('m/size', '1536 2\n');
    const resize = (memoryMiB: number) =>
      sandbox.lines(
        ['host/nspawn/machine-up.sh'],
        `supervisor_of() { echo 17; }; here='${stop}'; resize_running m machine ${memoryMiB} 2; cat stopped 2>/dev/null || true`,
        { INPUT: '{}' },
      );
    expect(resize(1536)).toMatchObject({ code: 0, stdout: '' });
    expect(resize(2048)).toMatchObject({ code: 0, stdout: 'clean\n', stderr: expect.stringContaining('is to have 2048 2') });
  });

  describe('adopt.sh', () => {
    const record = { uid, node: 'a', cluster: 'hub', address: '10.77.0.11', image: { rootfs: '/image' } };
    const adopt = (more: object = {}) => sandbox.script('host/nspawn/adopt.sh', { deployment, uid, node: 'a', ...more });
    const made = (mark: object | null): void => {
      if (mark !== null) sandbox.write(`host/${uid}/a/machine.json`, mark);
      sandbox.write(`host/${uid}/a/node.json`, record);
      sandbox.write(`host/${uid}/a/upper/etc/hostname`, 'a\n');
      sandbox.write(`host/${uid}/a/upper/etc/ssh/ssh_host_ed25519_key.pub`, 'ssh-ed25519 AAAA a\n');
      sandbox.write(`host/${uid}/a/upper/root/.ssh/authorized_keys`, 'the lost key\n');
      mkdirSync(join(sandbox.root, `host/${uid}/a/containerd`), { recursive: true });
      sandbox.write(`${deployment}/secrets/ssh/id_ed25519.pub`, 'the new key\n');
    };
    const read = (path: string) => readFileSync(join(sandbox.root, path), 'utf8');

    it('makes record and host key again and lays the new key into a machine that is off, twice as once', () => {
      made({ uid, node: 'a' });
      for (const _ of [1, 2]) expect(adopt()).toMatchObject({ code: 0, stderr: '' });
      expect(read(`host/${uid}/a/upper/root/.ssh/authorized_keys`)).toBe('the new key\n');
      expect(JSON.parse(read(`${deployment}/nodes/a.json`))).toEqual(record);
      expect(read(`${deployment}/secrets/ssh/known_hosts.d/a`)).toBe('a ssh-ed25519 AAAA\n');
    });

    it('marks a folder without a mark only when asked, and never one that is marked as another', () => {
      made(null);
      sandbox.write(`host/${uid}/a/precious`, 'x');
      expect(adopt().stderr).toMatch(/is not marked as node "a"[\s\S]*flotilla adopt a/);
      expect(adopt({ mark: true })).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(read(`host/${uid}/a/machine.json`))).toEqual({ uid, node: 'a', image: record.image });
      sandbox.write(`host/${uid}/a/machine.json`, { uid: 'ffffff', node: 'b' });
      expect(adopt({ mark: true }).stderr).toContain('is marked as node "b" of deployment ffffff');
    });

    it('refuses a folder that no machine of ours was in, and one of which nothing is recorded', () => {
      made(null);
      sandbox.write(`host/${uid}/a/upper/etc/hostname`, 'other\n');
      expect(adopt({ mark: true }).stderr).toContain('holds no machine that Flotilla made as "a"');
      expect(sandbox.script('host/nspawn/adopt.sh', { deployment, uid, node: 'z' }).stderr).toContain('there is no machine "z"');
    });
  });

  it('gives a machine the unpacked images as hard links, their databases as copies', () => {
    sandbox.write('image/blobs/x', 'layer');
    sandbox.write('image/a/meta.db', 'db');
    mkdirSync(join(sandbox.root, 'node/containerd'), { recursive: true });
    const { code } = sandbox.lines(['lib/machine.sh'], "seed_images node image; seed_images node ''");
    const inode = (path: string) => statSync(join(sandbox.root, path)).ino;
    expect(code).toBe(0);
    expect(inode('node/containerd/blobs/x')).toBe(inode('image/blobs/x'));
    expect(inode('node/containerd/a/meta.db')).not.toBe(inode('image/a/meta.db'));
    expect(readFileSync(join(sandbox.root, 'node/containerd/a/meta.db'), 'utf8')).toBe('db');
  });

  it('hands nspawn whole to a service that knows nothing of the shell that asks for it', () => {
    sandbox.stub('systemd-nspawn');
    sandbox.stub('systemd-run', 'while [[ "$1" != -- ]]; do shift; done; shift; exec env -i PATH="$PATH" "$@"');
    const { code } = sandbox.lines(['host/nspawn/run-machine.sh'], "start_v2 'a folder' machine bridge 512 2");
    const [run, nspawn] = sandbox.calls();
    expect(code).toBe(0);
    expect(run).toMatch(/^systemd-run .*--unit=machine .*MemoryMax=512M .*CPUQuota=200% /);
    expect(nspawn).toMatch(/^systemd-nspawn --quiet -D a folder\/merged -M machine --boot .*--network-bridge=bridge /);
  });

  it('finds the registry by the name of its configuration and nothing that only looks like it', () => {
    mkdirSync(join(sandbox.deployment, 'logs'));
    const config = (name: string) => `${sandbox.deployment}/logs/registry-${name}.yml`;
    sandbox.stub('registry', 'exec -a "registry serve $2" sleep 5');
    const { stdout } = sandbox.lines(
      ['lib/input.sh', 'lib/deployment.sh', 'lib/lab.sh'],
      `registry_process ${uid}
       bash bin/registry serve '${config('other1')}' & other=$!
       bash -c 'read -t 5 < <(sleep 5)' bin/registry serve '${config(uid)}' & ours=$!
       sleep 0.3
       [[ "$(registry_process ${uid})" == "$ours" ]] && echo found
       kill "$ours" "$other"`,
    );
    expect(stdout).toBe('found\n');
  });
});
