import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../support/sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

const input = { kubernetesVersion: '1.35.9', repository: 'https://packages.test/core:/stable:' };
const environment = () => ({ ROOT_FOLDER: join(sandbox.root, 'root'), FLOTILLA_NODE: 'n', FLAVOUR: flavour });
let flavour = 'v2.2.1';
const file = (path: string): string => readFileSync(join(sandbox.root, 'root', path), 'utf8');
const calls = (program: string) => sandbox.calls().filter((call) => call.startsWith(`${program} `));

/** A cloud image: kubelet and containerd are there once apt-get has installed them. */
function machine(kubelet = '', cgroups = 'cgroup2fs'): void {
  sandbox.write('root/etc/fstab', 'UUID=1 / ext4 defaults 0 1\n/swap.img none swap sw 0 0\n');
  sandbox.write('kubelet-version', kubelet);
  sandbox.stub(
    'apt-get',
    `case "$*" in *kubelet=*) sed -nE 's/.* kubelet=([0-9.]+)-.*/\\1/p' <<<"$*" >'${sandbox.root}/kubelet-version' ;; esac`,
  );
  sandbox.stub('kubelet', `v="$(cat '${sandbox.root}/kubelet-version')"; [[ -n "$v" ]] && echo "Kubernetes v$v"`);
  sandbox.stub('kubeadm', 'printf "%s\\n" registry.k8s.io/etcd:1 registry.k8s.io/pause:3.10.1');
  sandbox.stub('containerd', 'echo "containerd github.com/containerd/containerd $FLAVOUR abc"');
  sandbox.stub('curl', 'echo "the key"');
  sandbox.stub('stat', `echo ${cgroups}`);
  for (const program of ['apt-mark', 'dpkg', 'modprobe', 'sysctl', 'swapoff', 'systemctl', 'sync']) sandbox.stub(program);
}
const run = (wanted: object = input) => sandbox.script('guest/packages.sh', wanted, environment());

describe('packages.sh', () => {
  it('installs the exact patch from the repository of its minor, holds it, and the second run changes nothing', () => {
    machine();
    expect(run()).toMatchObject({ code: 0 });
    const installed = calls('apt-get').filter((call) => call.includes(' install '));
    expect(installed.at(-1)).toMatch(/DPkg::Lock::Timeout=300.* install .*kubeadm=1\.35\.9-\* kubelet=1\.35\.9-\* kubectl=1\.35\.9-\*$/);
    expect(calls('apt-mark')).toEqual(['apt-mark hold kubeadm kubelet kubectl']);
    expect(file('etc/apt/sources.list.d/kubernetes.list')).toBe(
      'deb [signed-by=/etc/apt/keyrings/kubernetes.asc] https://packages.test/core:/stable:/v1.35/deb/ /\n',
    );
    expect(file('etc/fstab')).toContain('# /swap.img');
    expect(calls('systemctl')).toEqual(['systemctl restart containerd']);
    const before = calls('apt-get').length;
    const settings = file('etc/containerd/config.toml');
    expect(run()).toMatchObject({ code: 0 });
    expect(calls('apt-get')).toHaveLength(before);
    expect(calls('systemctl')).toHaveLength(1);
    expect(file('etc/containerd/config.toml')).toBe(settings);
  });

  it.each([
    [
      'v2.2.1',
      'cgroup2fs',
      ['version = 3', 'io.containerd.cri.v1.images".registry', 'sandbox = "registry.k8s.io/pause:3.10.1"', 'SystemdCgroup = true'],
    ],
    [
      '1.7.12',
      'tmpfs',
      ['version = 2', 'io.containerd.grpc.v1.cri".registry', 'sandbox_image = "registry.k8s.io/pause:3.10.1"', 'SystemdCgroup = false'],
    ],
  ])('speaks the language of containerd %s on %s', (version, cgroups, lines) => {
    flavour = version;
    machine('', cgroups);
    expect(run().code).toBe(0);
    for (const line of lines) expect(file('etc/containerd/config.toml')).toContain(line);
  });

  it('leaves a node image alone that has the right kubelet', () => {
    machine('1.35.9');
    expect(run().code).toBe(0);
    expect(calls('apt-get')).toEqual([]);
    expect(readdirSync(join(sandbox.root, 'root', 'etc'))).toEqual(['fstab']);
  });

  it('restarts containerd, and goes on with what dpkg had begun, when it was killed in between', () => {
    machine();
    sandbox.stub('modprobe', 'kill -KILL "$PPID"');
    expect(run().code).not.toBe(0);
    expect(calls('systemctl')).toEqual([]);
    sandbox.stub('modprobe');
    expect(run().code).toBe(0);
    expect(calls('systemctl')).toEqual(['systemctl restart containerd']);
    expect(run().code).toBe(0);
    expect(calls('systemctl')).toHaveLength(1);
    const [first, second] = sandbox.calls().filter((call) => /^(dpkg|apt-get) /.test(call));
    expect([first, second]).toEqual([expect.stringMatching(/^dpkg --configure -a/), expect.stringMatching(/^apt-get .*update/)]);
  });

  it('never lays another patch under a node that is in a cluster', () => {
    machine('1.35.4');
    sandbox.write('root/etc/kubernetes/kubelet.conf', '');
    const { code, stderr } = run();
    expect(code).toBe(1);
    expect(stderr).toContain('replace the node');
    expect(calls('apt-get')).toEqual([]);
  });
});

describe('prepare.sh', () => {
  it('gives each registry its mirror and takes away those of another source', () => {
    sandbox.write('root/etc/containerd/certs.d/_default/hosts.toml', 'old');
    const mirrors = [{ registry: 'docker.io', url: 'http://10.0.0.1:5052' }];
    const folder = join(sandbox.root, 'root');
    const set = (list: object) =>
      sandbox.lines(['guest/prepare.sh'], `set_mirrors '${JSON.stringify(list)}'; find root/etc -name hosts.toml`, {
        ROOT_FOLDER: folder,
      });
    expect(set(mirrors).stdout).toBe('root/etc/containerd/certs.d/docker.io/hosts.toml\n');
    expect(file('etc/containerd/certs.d/docker.io/hosts.toml')).toBe(
      '[host."http://10.0.0.1:5052"]\n  capabilities = ["pull", "resolve"]\n',
    );
    expect(set([]).stdout).toBe('');
  });
});
