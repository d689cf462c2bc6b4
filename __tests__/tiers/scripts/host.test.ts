import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

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
    const { code, stdout } = sandbox.lines(['host/nspawn/host-claim.sh'], 'fence_bridge abc123 flabc123');
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
      expect(sandbox.script('host/nspawn/host-release.sh', { deployment, uid: 'zz9999' })).toMatchObject({
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
    sandbox.stub('ssh', `cat >/dev/null && echo '${JSON.stringify({ node: 'hub-cp-1', config: admin })}'`);
    const input = { deployment, cluster: 'hub', controlPlanes: ['hub-cp-1'], apiName: 'api.hub.test' };
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

describe('node-destroy.sh', () => {
  beforeEach(() => {
    const provider = sandbox
      .write('provider/machine-delete.sh', 'echo "machine-delete $(jq -r .node <<<"$INPUT")" >>calls\n')
      .replace('/machine-delete.sh', '');
    node('hub-cp-1', 'control-plane', { scripts: provider });
    node('hub-worker-1', 'worker', { scripts: provider });
    sandbox.write(`${deployment}/kubeconfig/hub`, 'x');
    sandbox.stub('kubectl', '');
  });
  const release = (name: string) => sandbox.script('host/node-destroy.sh', { deployment, uid: 'abc123', node: name });
  const verbs = () => sandbox.calls().map((call) => /(drain|delete node|readyz|machine-delete)/.exec(call)?.[1]);

  it('drains, takes the node object and the machine away, in this order, then forgets the node', () => {
    expect(release('hub-worker-1').code).toBe(0);
    expect(verbs()).toEqual(['readyz', 'drain', 'readyz', 'delete node', 'machine-delete']);
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

  describe('the last control plane', () => {
    const machines = (...found: object[]) => sandbox.write('provider/machines.sh', `echo '${JSON.stringify({ machines: found })}'`);
    const hold = () => {
      for (const mark of ['nodes/.holds-hub-cp-1', 'secrets/ssh/known_hosts.d/hub-cp-1']) sandbox.write(`${deployment}/${mark}`, 'key');
    };

    it.each([
      ['does not answer', 'exit 1'],
      ['answers', ''],
    ])('stays while its machine is there, also when its API %s', (_, api) => {
      sandbox.stub('kubectl', api);
      machines({ node: 'hub-cp-1', state: 'running' });
      expect(release('hub-cp-1')).toMatchObject({ code: 1, stderr: expect.stringContaining('all that the cluster holds') });
      expect(verbs()).not.toContain('machine-delete');
      expect(existsSync(join(sandbox.deployment, 'nodes/hub-cp-1.json'))).toBe(true);
    });

    it('stays when nobody can tell whether its machine is there, and when only its disk is', () => {
      sandbox.write('provider/machines.sh', 'exit 1');
      expect(release('hub-cp-1')).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be seen') });
      machines({ node: 'hub-cp-1', state: 'stopped' });
      expect(release('hub-cp-1').code).toBe(1);
      expect(verbs()).not.toContain('machine-delete');
    });

    it('goes with the kubeconfig when its machine is gone', () => {
      machines({ node: 'hub-cp-1', state: 'absent' });
      expect(release('hub-cp-1').code).toBe(0);
      expect(existsSync(join(sandbox.deployment, 'kubeconfig/hub'))).toBe(false);
    });

    it('goes when it never came to hold the cluster, and only then', () => {
      machines({ node: 'hub-cp-1', state: 'running' });
      rmSync(join(sandbox.deployment, 'kubeconfig/hub'));
      hold();
      expect(release('hub-cp-1').code).toBe(1);
      rmSync(join(sandbox.deployment, 'nodes/.holds-hub-cp-1'));
      expect(release('hub-cp-1').code).toBe(0);
      expect(verbs()).toEqual(['machine-delete']);
    });
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
  const network = '10.77.0.0/24';
  const claim = (uid: string, checkout: string, of = network) =>
    sandbox.write(`host/${uid}/owner.json`, { uid, deployment: 'lab@nspawn', checkout: join(sandbox.root, checkout), network: of });
  const other = (uid: string) => sandbox.write('other/.flotilla/lab@nspawn/deployment.json', { uid });
  const lines = (body: string) => sandbox.lines(['lib/input.sh', 'lib/file.sh', 'lib/deployment.sh', 'lib/lab.sh'], body);
  const assert = (uid = 'eeeeee') => lines(`assert_claim '${sandbox.deployment}' ${uid} ${network}`);

  it('is given beside another checkout with another uid and network', () => {
    other('ffffff');
    claim('ffffff', 'other', '10.77.1.0/24');
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
  });

  it('is refused the network of another one, also of one that is lost, with its place and the remedy', () => {
    claim('ffffff', 'other');
    expect(assert().stderr).toMatch(/network 10\.77\.0\.0\/24 is held by lab@nspawn \(uid ffffff\) of .*other\n.*destroy --uid ffffff/);
  });

  it('is refused the uid of a deployment that lives elsewhere: this one is a copy', () => {
    other('ffffff');
    claim('ffffff', 'other');
    expect(assert('ffffff').stderr).toMatch(/uid ffffff is that of .*other.*\n.*one of the two is a copy/);
    for (const script of ['machine-up', 'machine-stop', 'machine-delete']) {
      const { stderr } = sandbox.lines([`host/nspawn/${script}.sh`], `refuse_copy '${sandbox.deployment}' ffffff`);
      expect(stderr).toContain('is a copy');
    }
  });

  it('is its own, also after the checkout was moved, and keeps what the command wrote', () => {
    sandbox.write(`${deployment}/deployment.json`, { uid: 'ffffff' });
    sandbox.write('host/ffffff/owner.json', { uid: 'ffffff', deployment: 'lab@nspawn', checkout: '/gone', fleet: 'lab' });
    const { code } = lines(`claim_host '${sandbox.deployment}' ffffff ${network}`);
    const owner = JSON.parse(readFileSync(join(sandbox.root, 'host/ffffff/owner.json'), 'utf8'));
    expect([code, owner]).toEqual([0, { uid: 'ffffff', deployment: 'lab@nspawn', checkout: sandbox.root, fleet: 'lab', network }]);
  });

  it('is given where the claim itself is empty', () => {
    sandbox.write('host/ffffff/owner.json', '');
    expect(assert()).toMatchObject({ code: 0, stderr: '' });
  });
});
