import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, Sandbox } from '../../support/sandbox';

// A network namespace of its own: the real ip, bridge and nft, and no trace on this machine.
const canUnshare = process.platform === 'linux' && spawnSync('unshare', ['--net', 'nft', 'list', 'ruleset']).status === 0;

const nodes = (entries: readonly [name: string, address: string, cidr: string | null][]) => ({
  items: entries.map(([name, address, podCIDR]) => ({
    metadata: { name },
    spec: podCIDR === null ? {} : { podCIDR },
    status: { addresses: [{ type: 'InternalIP', address }] },
  })),
});
const own: [string, string, string] = ['a', '10.0.0.1', '10.9.0.0/24'];

(canUnshare ? describe : describe.skip)('bridge-cni.sh', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.stub('kubectl', 'cat "$HOME/../nodes-$STEP.json"');
    sandbox.write('cni/x', '');
  });
  afterEach(() => sandbox.remove());

  /** Brings the node in step with each list in turn; then asks. */
  const follow = (lists: readonly object[], ask: string) => {
    for (const [step, list] of lists.entries()) sandbox.write(`nodes-${step}.json`, list);
    const steps = lists.map((_, step) => `STEP=${step} bring_in_step && echo in-step || echo later`).join('\n');
    const body = `ip link set lo up\nip link add host0 type dummy 2>/dev/null || ip link add host0 type bridge\nip address add 10.0.0.1/24 dev host0\nip link set host0 up
      ${steps}\n${ask}`;
    const program = sandbox.write(
      'run.sh',
      `set -euo pipefail\nexport STEP\n. '${join(repository, 'components/files/bridge-cni.sh')}'\n${body}`,
    );
    return sandbox.lines([], `unshare --net bash '${program}'`, {
      NODE_NAME: 'a',
      CLUSTER_ID: '7',
      POD_CIDR_CLUSTER: '10.9.0.0/16',
      CNI_FOLDER: join(sandbox.root, 'cni'),
      READY_FILE: join(sandbox.root, 'ready'),
    });
  };

  it('lays an entry for each peer that needs no exchange, and removes those of a peer that left or moved', () => {
    const { stdout, stderr } = follow(
      [
        nodes([own, ['b', '10.0.0.2', '10.9.1.0/24'], ['c', '10.0.0.3', '10.9.2.0/24']]),
        nodes([own, ['b', '10.0.0.22', '10.9.1.0/24'], ['d', '10.0.0.4', null]]),
      ],
      'ip route show dev flotilla.1; ip neighbour show dev flotilla.1 nud permanent; bridge fdb show dev flotilla.1 | grep dst; ip -d link show flotilla.1 | grep -o "id 107\\|nolearning\\|mtu 1450"',
    );
    expect(stderr).toBe('');
    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      'in-step',
      'in-step',
      '10.9.1.0/24 via 10.9.1.0 onlink',
      '10.9.1.0 lladdr 02:f1:0a:00:00:16 PERMANENT',
      '02:f1:0a:00:00:16 dst 10.0.0.22 self permanent',
      'mtu 1450',
      'id 107',
      'nolearning',
      '',
    ]);
  });

  it('writes the configuration of its own pod CIDR once and masquerades what leaves the cluster', () => {
    const { stdout } = follow([nodes([own]), nodes([own])], 'nft list table ip flotilla; ls "$CNI_FOLDER"; ls "$READY_FILE"');
    expect(stdout).toMatch(/ip saddr 10\.9\.0\.0\/16 ip daddr != 10\.9\.0\.0\/16 .*masquerade/);
    expect(stdout.match(/masquerade/g)).toHaveLength(1);
    expect(stdout).toContain('10-flotilla.conflist\nx\n');
    const conflist = JSON.parse(readFileSync(join(sandbox.root, 'cni/10-flotilla.conflist'), 'utf8'));
    expect(conflist.plugins[0]).toMatchObject({
      type: 'bridge',
      ipMasq: false,
      hairpinMode: true,
      ipam: { ranges: [[{ subnet: '10.9.0.0/24' }]] },
    });
  });

  it('waits for a pod CIDR of its own', () => {
    expect(follow([nodes([['a', '10.0.0.1', null]])], 'ls "$READY_FILE" 2>&1 || true').stdout).toMatch(/^later\n.*No such file/);
  });
});
