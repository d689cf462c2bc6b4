import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from './sandbox';

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
