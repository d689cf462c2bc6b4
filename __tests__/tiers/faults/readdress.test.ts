import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeDeployment } from '../../../runner/deployment/deployment';
import { movedNodes, readdressInput, readdressMoved } from '../../../runner/machines/readdress';
import { fromText, resolveFresh } from '../../support/fleet-fixture';
import { Sandbox, scripts } from '../../support/sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

describe('readdress.sh', () => {
  const kubernetes = 'machine/etc/kubernetes';
  const read = (path: string): string => readFileSync(join(sandbox.root, path), 'utf8');

  function controlPlane(address: string): void {
    const server = `clusters:\n- cluster:\n    server: https://${address}:6443\n`;
    sandbox.write(
      `${kubernetes}/manifests/kube-apiserver.yaml`,
      `endpoint: ${address}:6443\n    - --advertise-address=${address}\n    - --etcd-servers=https://127.0.0.1:2379\n`,
    );
    sandbox.write(
      `${kubernetes}/manifests/etcd.yaml`,
      `    - --advertise-client-urls=https://${address}:2379\n    - --listen-client-urls=https://127.0.0.1:2379,https://${address}:2379\n` +
        `    - --initial-cluster=a=https://${address}:2380,b=https://${address}9:2380\n`,
    );
    for (const name of ['controller-manager', 'scheduler', 'kubelet']) sandbox.write(`${kubernetes}/${name}.conf`, server);
    sandbox.write('machine/var/lib/kubelet/kubeadm-flags.env', `KUBELET_KUBEADM_ARGS="--node-ip=${address} --x=1${address}"\n`);
  }

  const lines = (body: string, environment: Record<string, string> = {}) =>
    sandbox.lines([], `. '${join(scripts, 'guest/readdress.sh')}'\n${body}`, {
      ROOT_FOLDER: join(sandbox.root, 'machine'),
      FLOTILLA_NODE: 'a',
      SECRET_FILE: join(sandbox.root, 'work/secret'),
      ...environment,
    });

  it('puts the new address in the place of the old one, and nothing else', () => {
    controlPlane('10.0.0.1');
    lines('while read -r file; do put_in_place "$file" 10.0.0.1 10.0.0.77; done < <(addressed_files)');
    expect(read(`${kubernetes}/manifests/kube-apiserver.yaml`)).toBe(
      'endpoint: 10.0.0.77:6443\n    - --advertise-address=10.0.0.77\n    - --etcd-servers=https://127.0.0.1:2379\n',
    );
    expect(read(`${kubernetes}/manifests/etcd.yaml`)).toMatch(
      /127\.0\.0\.1:2379,https:\/\/10\.0\.0\.77:2379\n.*a=https:\/\/10\.0\.0\.77:2380,b=https:\/\/10\.0\.0\.19:2380/,
    );
    expect(read('machine/var/lib/kubelet/kubeadm-flags.env')).toBe('KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.77 --x=110.0.0.1"\n');
    expect(lines('own_addresses').stdout).toBe('10.0.0.77\n');
    // The kubelet would run a second one.
    expect(readdirSync(join(sandbox.root, kubernetes, 'manifests'))).toEqual(['etcd.yaml', 'kube-apiserver.yaml']);
  });

  it('finds certificates of another address, and halves of pairs', () => {
    for (const [name, address] of [
      ['apiserver', '10.0.0.77'],
      ['etcd/server', '10.0.0.7'],
      ['etcd/peer', '10.0.0.77'],
    ] as const) {
      const file = sandbox.write(`${kubernetes}/pki/${name}.key`, '');
      const words = ['-newkey', 'ed25519', '-nodes', '-keyout', file, '-out', file.replace(/key$/, 'crt'), '-subj', '/CN=x'];
      execFileSync('openssl', ['req', '-x509', ...words, '-addext', `subjectAltName=IP:${address}`], { stdio: 'ignore' });
    }
    expect(lines('wrong_certificates 10.0.0.77').stdout).toBe('etcd/server\n');
    expect(lines(`rm '${join(sandbox.root, kubernetes)}/pki/etcd/peer.key'; wrong_certificates 10.0.0.77`).stdout).toBe(
      'etcd/server\netcd/peer\n',
    );
  });

  it('moves a worker once: off, the address, on again; a machine without a cluster is left alone', () => {
    const move = () => lines('main', { INPUT: JSON.stringify({ address: '10.0.0.77' }) });
    sandbox.stub('systemctl');
    expect(move().code).toBe(0);
    expect(sandbox.calls()).toEqual([]);
    sandbox.write(`${kubernetes}/kubelet.conf`, '    server: https://api.hub.test:6443\n');
    sandbox.write('machine/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.1"\n');
    sandbox.stub('ctr');
    sandbox.stub('systemctl', '[[ "$1" != is-active ]] || exit 3');
    expect(move()).toMatchObject({ code: 0, stderr: 'a moves from 10.0.0.1 to 10.0.0.77\n' });
    expect(sandbox.calls().filter((call) => call.startsWith('systemctl'))).toEqual([
      'systemctl stop kubelet',
      'systemctl is-active --quiet kubelet',
      'systemctl restart kubelet',
    ]);
    sandbox.stub('systemctl');
    expect(read('machine/var/lib/kubelet/kubeadm-flags.env')).toContain('--node-ip=10.0.0.77');
    expect(move()).toMatchObject({ code: 0, stderr: '' });
    expect(sandbox.calls().at(-1)).toBe('systemctl is-active --quiet kubelet');
  });
});

describe('replace-pods.sh', () => {
  it('takes the pods of daemon sets on the network of a node that moved, and no others', () => {
    const pod = (name: string, more: object, kind = 'DaemonSet') => ({
      metadata: { namespace: 'kube-system', name, ownerReferences: [{ kind, controller: true }] },
      spec: { nodeName: 'a', hostNetwork: true },
      status: { podIP: '10.0.0.1' },
      ...more,
    });
    const items = [
      pod('old', {}),
      pod('right', { status: { podIP: '10.0.0.77' } }),
      pod('own-network', { spec: { nodeName: 'a' } }),
      pod('elsewhere', { spec: { nodeName: 'b', hostNetwork: true } }),
      pod('static', {}, 'Node'),
      pod('not-started', { status: {} }),
      { ...pod('nobodys', {}), metadata: { namespace: 'kube-system', name: 'nobodys' } },
    ];
    const file = sandbox.write('pods.json', { items });
    const { stdout } = sandbox.lines(
      [],
      `. '${join(scripts, 'guest/replace-pods.sh')}'\noutdated_pods '[{"name":"a","address":"10.0.0.77"}]' <'${file}'`,
    );
    expect(stdout).toBe('kube-system old\n');
  });
});

describe('a node that came back with another address', () => {
  const cluster = (name: string, id: number) => `
  - name: ${name}
    id: ${id}
    role: standalone
    components: { add: [bridge-cni] }
    nodes:
      - { name: ${name}-cp, role: control-plane, cpus: 2, memoryMiB: 2048 }
      - { name: ${name}-worker, role: worker, cpus: 2, memoryMiB: 2048 }`;
  const head = 'provider: tart\nkubernetes: "1.35"\ndomain: flotilla.internal\nbudget: { memoryMiB: 9999 }\nclusters:';
  const model = resolveFresh(fromText(`${head}${cluster('dev', 1)}${cluster('prod', 2)}`));
  const nodes = model.clusters.flatMap((of) => of.nodes.map(({ name }) => name));
  const marks = (): string[] => readdirSync(join(sandbox.deployment, 'nodes')).filter((file) => file.startsWith('.moved-'));
  const mark = (node: string): string => sandbox.write(`.flotilla/lab@nspawn/nodes/.moved-${node}`, '');
  const record = (node: string, more: object): string => sandbox.write(`.flotilla/lab@nspawn/nodes/${node}.json`, { node, ...more });
  const deployment = () => describeDeployment(model, sandbox.deployment, join(sandbox.root, 'bin'), null);
  const machines = (states: Record<string, 'stopped' | 'absent'> = {}) =>
    nodes.map((node) => ({ node, state: states[node] ?? ('running' as const) }));
  const told = (states?: Record<string, 'stopped' | 'absent'>) => readdressInput(deployment(), machines(states));
  /** What arrived on nodes: `<script> <node> <input>`. */
  const arrived = (): string[] => readFileSync(join(sandbox.root, 'arrived'), 'utf8').trimEnd().split('\n');
  const of = (script: string): string[] => arrived().filter((line) => line.startsWith(`guest/${script}`));

  beforeEach(() => {
    for (const [index, node] of nodes.entries()) record(node, { address: `10.9.0.${index + 1}`, gateway: '10.9.0.254', registry: '' });
    sandbox.write('.flotilla/lab@nspawn/kubeconfig/dev', '');
    sandbox.write('.flotilla/lab@nspawn/sources.json', {});
    const all = nodes.map((node) => ({ Name: `fa1b2c3-${node}`, State: 'running' }));
    sandbox.stub('tart', `[[ "$1" != list ]] || echo '${JSON.stringify(all)}'`);
    sandbox.stub(
      'ssh',
      `read -r script node; read -r input; cat >/dev/null
       [[ "$node" != "$(cat '${sandbox.root}/silent' 2>/dev/null)" ]] || exit 255
       echo "$script $node $input" >>'${sandbox.root}/arrived'
       secret='"certificate-authority-data":"x","client-certificate-data":"x","client-key-data":"x"'
       [[ "$script" != *admin-conf* ]] ||
         printf '{"node":"%s","config":{"clusters":[{"cluster":{%s}}],"users":[{"user":{%s}}]}}' "$node" "$secret" "$secret"`,
    );
  });

  it('is told to all nodes, moved itself, and told to its cluster; the mark goes last, when all have heard', async () => {
    for (const node of ['dev-worker', 'dev-cp', 'gone']) mark(node);
    expect(movedNodes(deployment())).toEqual(['dev-cp', 'dev-worker']);
    sandbox.write('silent', 'prod-worker');
    await expect(readdressMoved(deployment(), 0)).rejects.toThrow('not everything knows the new addresses of dev-cp dev-worker yet');
    expect(marks()).toEqual(['.moved-dev-cp', '.moved-dev-worker']);
    expect(of('60-readdress')).toHaveLength(2);

    sandbox.write('silent', '');
    sandbox.write('arrived', '');
    expect(await readdressMoved(deployment(), 0)).toEqual(['dev-cp', 'dev-worker']);
    expect(marks()).toEqual([]);
    const moved = '[{"name":"dev-cp","address":"10.9.0.1"},{"name":"dev-worker","address":"10.9.0.2"}]';
    expect(of('20-names')).toHaveLength(nodes.length);
    for (const line of of('20-names')) expect(line).toContain('"10.9.0.2","names":["dev-worker"');
    expect(of('60-readdress').find((line) => line.includes('-worker'))).toBe(
      'guest/readdress.sh dev-worker {"address":"10.9.0.2","documents":null,"peers":null}',
    );
    expect(
      JSON.parse(
        of('60-readdress')
          .find((line) => line.includes('dev-cp'))!
          .split(' ')
          .slice(2)
          .join(' '),
      ),
    ).toMatchObject({
      address: '10.9.0.1',
      documents: [{ localAPIEndpoint: { advertiseAddress: '10.9.0.1' } }, { kind: 'ClusterConfiguration' }, {}, {}],
    });
    expect(of('62-replace')).toEqual([`guest/replace-pods.sh dev-cp {"nodes":${moved}}`]);
    expect(of('55-approve')).toEqual([expect.stringContaining(`dev-cp {"nodes":${moved}`)]);
    expect(of('45-coredns')).toEqual([expect.stringContaining('10.9.0.2 dev-worker')]);
    expect(of('61-refresh')).toHaveLength(nodes.length);
    expect(arrived().join('\n')).not.toContain('leased(');
    expect(readFileSync(join(sandbox.deployment, 'kubeconfig/dev'), 'utf8')).toContain('server: https://10.9.0.1:6443');
  });

  it('stays marked as long as a machine is off, and those that run are told', () => {
    mark('dev-worker');
    expect(told()).toMatchObject({ nodes: ['dev-worker'], keepMarks: false });
    expect(told({ 'prod-worker': 'stopped' })).toMatchObject({ keepMarks: true, clusters: [{}, { nodes: ['prod-cp'] }] });
    expect(told({ 'prod-worker': 'absent' })).toMatchObject({ keepMarks: false, clusters: [{}, { nodes: ['prod-cp'] }] });
    expect(told({ 'dev-worker': 'stopped' })).toBeNull();
  });

  it('before every machine is made each cluster is told its own names only', () => {
    mark('dev-worker');
    expect(JSON.stringify(told()!.clusters[0]!.hosts)).toContain('prod-cp');
    record('prod-worker', {});
    expect(JSON.stringify(told()!.clusters[0])).not.toContain('prod-cp');
  });
});
