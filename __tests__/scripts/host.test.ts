import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from './sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.write('.flotilla/lab@nspawn/sources.json', { bin: join(sandbox.root, 'bin'), nodeImage: {}, registryStore: '' });
});
afterEach(() => sandbox.remove());

const deployment = '.flotilla/lab@nspawn';
const node = (name: string, role: string, more: object = {}) =>
  sandbox.write(`${deployment}/nodes/${name}.json`, { cluster: 'hub', node: name, role, address: '10.0.0.9', provider: 'nspawn', ...more });

describe('ssh-key.sh', () => {
  it('makes one key, once, for nobody else to read', () => {
    expect(sandbox.script('host/ssh-key.sh', { deployment }).code).toBe(0);
    const before = sandbox.picture();
    expect(sandbox.script('host/ssh-key.sh', { deployment }).code).toBe(0);
    expect(sandbox.picture()).toBe(before);
    expect(sandbox.lines([], `ls -l ${deployment}/secrets/ssh/id_ed25519`).stdout).toMatch(/^-rw------- /);
    expect(readdirSync(join(sandbox.deployment, 'secrets/ssh')).sort()).toEqual(['id_ed25519', 'id_ed25519.pub']);
  });
});

describe('the fence of the bridge', () => {
  it('drops what would be forwarded off or onto the bridge, in one transaction that replaces the fence before', () => {
    sandbox.stub('nft', 'cat');
    const { code, stdout } = sandbox.lines(['host/lab-up.sh'], 'fence_bridge abc123 flabc123');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^add table inet flotilla_abc123\ndelete table inet flotilla_abc123\ntable inet flotilla_abc123 \{\n/);
    expect(stdout).toContain('type filter hook forward priority filter; policy accept;');
    expect(stdout).toContain('iifname "flabc123" oifname != "flabc123" drop');
    expect(stdout).toContain('oifname "flabc123" iifname != "flabc123" drop');
    expect(sandbox.calls()).toEqual(['nft -f -']);
  });

  (process.platform === 'linux' ? it : it.skip)('goes with the lab, also when it is gone already', () => {
    sandbox.stub('nft', 'cat >&2');
    sandbox.stub('ip');
    sandbox.stub('pgrep', 'exit 1');
    for (const _ of [1, 2]) {
      expect(sandbox.script('host/lab-down.sh', { deployment, uid: 'zz9999' })).toMatchObject({
        code: 0,
        stderr: 'add table inet flotilla_zz9999\ndelete table inet flotilla_zz9999\n',
      });
    }
  });
});

describe('kubeconfig.sh', () => {
  it('writes a kubeconfig named by the cluster, with the name in the certificate, and says nothing', () => {
    const admin = {
      clusters: [{ cluster: { 'certificate-authority-data': 'Q0E=' } }],
      users: [{ user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
    };
    node('hub-cp-1', 'control-plane');
    sandbox.stub('ssh', `echo '${JSON.stringify(admin)}'`);
    const input = { deployment, cluster: 'hub', node: 'hub-cp-1', address: '10.0.0.9', apiName: 'api.hub.test' };
    const { code, stdout, stderr } = sandbox.script('host/kubeconfig.sh', input);
    expect([code, stdout, stderr]).toEqual([0, '', '']);
    expect(readFileSync(join(sandbox.deployment, 'kubeconfig/hub'), 'utf8')).toBe(
      'apiVersion: v1\nkind: Config\ncurrent-context: hub\nclusters:\n- name: hub\n  cluster:\n    server: https://10.0.0.9:6443\n    tls-server-name: api.hub.test\n' +
        '    certificate-authority-data: Q0E=\ncontexts:\n- name: hub\n  context:\n    cluster: hub\n    user: hub\nusers:\n- name: hub\n  user:\n' +
        '    client-certificate-data: Q0VSVA==\n    client-key-data: S0VZ\n',
    );
    expect(sandbox.lines([], `ls -l ${deployment}/kubeconfig/hub`).stdout).toMatch(/^-rw------- /);
    // The one secret in play never stands on a command line.
    expect(sandbox.calls().join('\n')).not.toContain('S0VZ');
  });
});

describe('lease-release.sh', () => {
  beforeEach(() => {
    const provider = sandbox
      .write('provider/machine-delete.sh', 'echo "machine-delete $(jq -r .node <<<"$INPUT")" >>calls\n')
      .replace('/machine-delete.sh', '');
    node('hub-cp-1', 'control-plane', { scripts: provider });
    node('hub-worker-1', 'worker', { scripts: provider });
    sandbox.write(`${deployment}/kubeconfig/hub`, 'x');
    sandbox.stub('kubectl', '');
  });
  const release = (name: string) => sandbox.script('host/lease-release.sh', { deployment, uid: 'abc123', node: name });
  const verbs = () => sandbox.calls().map((call) => /(drain|delete node|readyz|machine-delete|member list|member remove)/.exec(call)?.[1]);

  it('drains, takes the node object and the machine away, in this order, then forgets the node', () => {
    expect(release('hub-worker-1').code).toBe(0);
    expect(verbs()).toEqual(['readyz', 'drain', 'delete node', 'machine-delete']);
    expect(readdirSync(join(sandbox.deployment, 'nodes'))).toEqual(['hub-cp-1.json']);
    expect(existsSync(join(sandbox.deployment, 'kubeconfig/hub'))).toBe(true);
  });

  it('only deletes the machine when the whole cluster goes', () => {
    sandbox.write(`${deployment}/tearing-down/hub`, '');
    expect(release('hub-worker-1').code).toBe(0);
    expect(verbs()).toEqual(['machine-delete']);
  });

  it('deletes the machine without a drain when the API is dead', () => {
    sandbox.stub('kubectl', 'exit 1');
    const { code, stderr } = release('hub-worker-1');
    expect(code).toBe(0);
    expect(stderr).toContain('does not answer');
    expect(verbs()).toEqual(['readyz', 'machine-delete']);
  });

  it('takes the kubeconfig away with the last control plane', () => {
    expect(release('hub-cp-1').code).toBe(0);
    expect(existsSync(join(sandbox.deployment, 'kubeconfig/hub'))).toBe(false);
  });

  it('removes the etcd member of a control plane while another one stays', () => {
    node('hub-cp-2', 'control-plane');
    sandbox.stub(
      'kubectl',
      `[[ "$*" != *'member list'* ]] || echo '{"members":[{"name":"hub-cp-1","ID":"abc"},{"name":"hub-cp-2","ID":"def"}]}'`,
    );
    expect(release('hub-cp-1').code).toBe(0);
    expect(verbs()).toEqual(['readyz', 'drain', 'member list', 'member remove', 'delete node', 'machine-delete']);
    expect(sandbox.calls().find((call) => call.includes('member remove'))).toMatch(/exec etcd-hub-cp-2 .* member remove abc$/);
  });

  it('keeps machine and node file when the etcd member cannot be removed', () => {
    node('hub-cp-2', 'control-plane');
    sandbox.stub('kubectl', `[[ "$*" != *'member list'* ]] || exit 1`);
    expect(release('hub-cp-1').code).not.toBe(0);
    expect(verbs()).not.toContain('machine-delete');
    expect(existsSync(join(sandbox.deployment, 'nodes/hub-cp-1.json'))).toBe(true);
  });

  it('has nothing to do for a node that is gone', () => {
    const before = sandbox.picture();
    expect(release('hub-worker-9').code).toBe(0);
    expect(sandbox.picture()).toBe(before);
  });
});

describe('wait-ready.sh', () => {
  const wait = (conditions: object[]) =>
    sandbox.script('host/wait-ready.sh', { deployment, cluster: 'hub', conditions, timeoutSeconds: 1 });
  beforeEach(() => void sandbox.write(`${deployment}/kubeconfig/hub`, 'x'));

  it('says what is missing and which pods are why', () => {
    const pod = {
      metadata: { namespace: 'a', name: 'p' },
      spec: {},
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: 'no room' }] },
    };
    sandbox.stub('kubectl', `case "$*" in *'get pods'*) echo '${JSON.stringify({ items: [pod] })}' ;; *) echo "not yet"; exit 1 ;; esac`);
    const { code, stderr } = wait([{ kind: 'condition', namespace: 'a', resource: 'deployment/x', condition: 'Available' }]);
    expect(code).toBe(1);
    expect(stderr).toContain('missing: condition a deployment/x Available: not yet');
    expect(stderr).toContain('a/p on no node: no room');
    expect(stderr).toContain('error: cluster hub: not ready after 1 s');
  });

  it('refuses a condition that it does not know, before it waits', () => {
    expect(wait([{ resource: 'x' }]).stderr).toContain('the condition {"resource":"x"} is none');
    expect(sandbox.calls()).toEqual([]);
  });
});

describe('the claim on the host', () => {
  const claim = (checkout: string) => sandbox.write('host/ffffff/owner.json', { uid: 'ffffff', deployment: 'lab@nspawn', checkout });
  const other = (uid: string) => sandbox.write('other/.flotilla/lab@nspawn/deployment.json', { uid });
  const assert = () => sandbox.lines(['lib/input.sh', 'lib/deployment.sh', 'lib/lab.sh'], `assert_alone '${sandbox.deployment}'`);

  it('is refused to a second checkout, with its place and the remedy', () => {
    other('ffffff');
    claim(join(sandbox.root, 'other'));
    expect(assert().stderr).toMatch(/second checkout on this host: .*\/other holds deployment ffffff/);
  });

  it('is given beside another deployment of this checkout, living or lost', () => {
    claim(sandbox.root);
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
    sandbox.write(`${deployment}/deployment.json`, { uid: 'ffffff' });
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
  });

  it('is given when the other deployment is lost: its checkout gone, its folder gone, made anew, or the claim itself empty', () => {
    claim(join(sandbox.root, 'other'));
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
    mkdirSync(join(sandbox.root, 'other'));
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
    other('eeeeee');
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
    sandbox.write('host/ffffff/owner.json', '');
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
  });
});
