import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

/**
 * A remote cluster as `cilium-dbg status --output json` and `kvstoremesh-dbg status --output json` of Cilium 1.19.7 print it: models.RemoteCluster of api/v1/models,
 * whose fields are all left out when they are false, 0 or empty. Written from these types, not recorded: no fleet of this repository has run the real images.
 */
const connected = (name: string) => ({
  config: { 'cluster-id': 2, kvstoremesh: true, required: true, retrieved: true, 'sync-canaries': true },
  connected: true,
  'last-failure': '0001-01-01T00:00:00.000Z',
  name,
  'num-endpoints': 12,
  'num-identities': 9,
  'num-nodes': 2,
  ready: true,
  status: 'etcd: 1/1 connected, leases=0, lock leases=0, has-quorum=true: endpoint status checks are disabled, ID: 6c4ed5d1',
  synced: { endpoints: true, identities: true, nodes: true, services: true },
});
/** common.remoteCluster.status before a first connection. */
const waiting = (name: string) => ({
  'last-failure': '2026-12-01T02:00:00.000Z',
  name,
  'num-failures': 4,
  status: 'Waiting for initial connection to be established',
  synced: {},
});

type Clusters = readonly object[] | null;

/** @param agents what each agent prints, by its node */
function ask(mirror: Clusters, agents: Readonly<Record<string, Clusters>>, script = 'host/mesh-peer.sh') {
  const nodes = Object.keys(agents);
  sandbox.write('mirror', JSON.stringify(mirror));
  for (const node of nodes)
    sandbox.write(`cilium-${node}`, JSON.stringify({ cilium: { state: 'Ok' }, 'cluster-mesh': { clusters: agents[node] } }));
  sandbox.stub(
    'kubectl',
    `case "$*" in
      *'get pods'*) printf '%s' '${nodes.map((node) => `cilium-${node} ${node}\n`).join('')}' ;;
      *'kvstoremesh-dbg status --output json') cat '${sandbox.root}/mirror' ;;
      *'cilium-dbg status --output json') cat "${sandbox.root}/$4" ;;
      *) exit 1 ;;
    esac`,
  );
  return sandbox.bash([script.startsWith('/') ? script : join(__dirname, '../../../scripts', script), 'edge'], {});
}

it('holds when the mirror and the agent of every node are connected', () => {
  const all = [connected('edge'), connected('far')];
  expect(ask(all, { 'hub-cp': all, 'hub-worker': all })).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('an unconnected peer is found although every agent still reads the mirror', () => {
  const { code, stderr } = ask([waiting('edge')], { 'hub-cp': [connected('edge')] });
  expect(code).toBe(1);
  expect(stderr).toBe('error: KVStoreMesh is not connected to edge: Waiting for initial connection to be established (4 failures)\n');
});

it('one agent of several that is not connected is named by its node, and all faults are reported at once', () => {
  const { code, stderr } = ask([], { 'hub-cp': [connected('edge')], 'hub-worker': [waiting('edge')], late: [connected('far')] });
  expect(code).toBe(1);
  expect(stderr.split('\n').slice(0, 3)).toEqual([
    'error: KVStoreMesh knows no cluster edge',
    'the agent of node hub-worker is not connected to edge: Waiting for initial connection to be established (4 failures)',
    'the agent of node late knows no cluster edge',
  ]);
});

it.each([
  ['connected, but what it must read is not all there', [{ ...connected('edge'), ready: undefined }]],
  ['a mesh without remote clusters', []],
  ['a mesh that is not configured', null],
])('does not hold: %s', (_, clusters) => expect(ask([connected('edge')], { 'hub-cp': clusters }).code).toBe(1));

it('does not hold when nothing answers', () => {
  sandbox.stub('kubectl', 'exit 1');
  expect(sandbox.bash([join(__dirname, '../../../scripts/host/mesh-peer.sh'), 'edge'], {}).code).toBe(1);
  expect(ask([connected('edge')], {}).stderr).toContain('no agent of Cilium runs');
});

it.each([
  ['looks only whether the cluster is known', '      elif $found.ready and $found.connected then empty', '      elif $found then empty'],
  ['asks the agents only', '"$(fault_of KVStoreMesh "$peer" "$clusters")"', ''],
])('mutation: a script that %s does not find the unconnected peer', (_, before, after) => {
  const script = join(sandbox.copy(), 'host/mesh-peer.sh');
  const text = readFileSync(script, 'utf8');
  expect(text).toContain(before);
  writeFileSync(
    script,
    text.replace(before, () => after),
  );
  expect(ask([waiting('edge')], { 'hub-cp': [connected('edge')] }, script).code).toBe(0);
});
