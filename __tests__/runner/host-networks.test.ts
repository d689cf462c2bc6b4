import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterRanges, clusterNetworks, firstFree } from '../../runner/host/cluster-networks';
import { type HostNetwork, hostNetworks } from '../../runner/host/networks';

const recorded = (name: string): string => readFileSync(join(__dirname, 'host-networks', name), 'utf8');

test('reads what iproute2 prints, routes of all tables too, and nothing that only repeats an address', () => {
  const asked: string[] = [];
  const found = hostNetworks('linux', (program, args) => {
    asked.push([program, ...args].join(' '));
    return recorded(args.includes('route') ? 'ip-route.json' : 'ip-address.json');
  });
  expect(asked).toEqual(['ip -4 -json address', 'ip -4 -json route show table all']);
  expect(found).toEqual([
    { kind: 'interface', name: 'lo', cidr: '127.0.0.0/8' },
    { kind: 'interface', name: 'eth0', cidr: '192.0.2.0/24' },
    { kind: 'interface', name: 'br0', cidr: '10.101.0.0/16' },
    { kind: 'route', name: 'wg0', cidr: '10.8.0.0/24' },
    { kind: 'route', name: 'blackhole', cidr: '10.66.0.0/16' },
    { kind: 'route', name: 'eth0', cidr: '0.0.0.0/0' },
    { kind: 'route', name: 'br0', cidr: '10.101.0.0/16' },
    { kind: 'route', name: 'eth0', cidr: '192.0.2.0/24' },
    { kind: 'route', name: 'eth0', cidr: '198.51.100.7/32' },
  ]);
});

// Written after the manual pages, not recorded: no Mac was at hand.
test('reads what macOS prints, which leaves out zero bytes, and no single neighbours', () => {
  const found = hostNetworks('darwin', (program) => recorded(`${program}.txt`));
  expect(found).toEqual([
    { kind: 'interface', name: 'lo0', cidr: '127.0.0.0/8' },
    { kind: 'interface', name: 'en0', cidr: '192.168.1.0/24' },
    { kind: 'interface', name: 'bridge100', cidr: '192.168.64.0/24' },
    { kind: 'interface', name: 'utun4', cidr: '10.8.0.2/32' },
    { kind: 'route', name: 'en0', cidr: '0.0.0.0/0' },
    { kind: 'route', name: 'utun4', cidr: '10.0.0.0/8' },
    { kind: 'route', name: 'utun4', cidr: '10.101.0.0/16' },
    { kind: 'route', name: 'lo0', cidr: '127.0.0.0/8' },
    { kind: 'route', name: 'en0', cidr: '169.254.0.0/16' },
    { kind: 'route', name: 'en0', cidr: '192.168.1.0/24' },
    { kind: 'route', name: 'en0', cidr: '192.168.1.1/32' },
    { kind: 'route', name: 'bridge100', cidr: '192.168.64.0/24' },
    { kind: 'route', name: 'en0', cidr: '224.0.0.0/4' },
  ]);
});

test('a host without these programs has no networks that anybody knows', () => expect(hostNetworks('linux', () => '')).toEqual([]));

const hub: ClusterRanges = { name: 'hub', podCidr: '10.101.0.0/16', serviceCidr: '10.201.0.0/16', exists: false };
const edge: ClusterRanges = { name: 'edge', podCidr: '10.102.0.0/16', serviceCidr: '10.202.0.0/16', exists: false };
const on = (kind: HostNetwork['kind'], cidr: string, name = 'br0'): HostNetwork => ({ kind, name, cidr });
const find = (host: readonly HostNetwork[], clusters: readonly ClusterRanges[] = [hub, edge]) =>
  clusterNetworks(clusters, host, 'fla1b2c3', '10.77.0.0/24');

describe('ranges of clusters against this host', () => {
  test('nothing is found on a host that uses other networks, the default route included', () =>
    expect(find([on('interface', '192.168.1.0/24'), on('route', '0.0.0.0/0'), on('route', '0.0.0.0/1', 'tun0')])).toEqual([
      { check: 'cluster networks', verdict: 'ok', found: '4 ranges, none is in use on this host', remedy: '' },
    ]));

  test.each([
    ['interface', 'interface br0 has 10.101.0.0/16', 'take the address off br0'],
    ['route', 'the route to 10.101.0.0/16 leads through br0', 'remove the route to 10.101.0.0/16'],
  ] as const)(
    'a network of kind %s inside a range is a fault that names the range, the cluster, the network and a free range',
    (kind, where, takeOff) =>
      expect(find([on(kind, '10.101.0.0/16')])).toEqual([
        {
          check: 'cluster networks',
          verdict: 'fault',
          found: `podCidr 10.101.0.0/16 of cluster "hub" is in use on this host: ${where}`,
          remedy: `give the cluster another podCidr, for example 10.103.0.0/16, or ${takeOff}`,
        },
      ]),
  );

  test('service ranges are compared too, smaller networks count, and no two proposals are the same', () => {
    const found = find([on('interface', '10.102.3.0/24'), on('route', '10.202.0.0/20', 'wg0')]);
    expect(found.map(({ verdict, remedy }) => [verdict, /example (\S+),/.exec(remedy)![1]])).toEqual([
      ['fault', '10.103.0.0/16'],
      ['fault', '10.203.0.0/16'],
    ]);
  });

  test('a VPN to all of 10.0.0.0/8 warns, and proposals avoid it', () => {
    const found = find([on('route', '10.0.0.0/8', 'utun4')]);
    expect(found).toHaveLength(4);
    expect(found.every(({ verdict, remedy }) => verdict === 'warning' && remedy.includes('172.'))).toBe(true);
  });

  test('what this deployment made is no conflict', () =>
    expect(find([on('interface', '10.101.0.0/16', 'fla1b2c3'), on('route', '10.102.0.0/16', 'fla1b2c3')])[0]!.verdict).toBe('ok'));

  test('a cluster that exists cannot change its ranges: a warning, with what can be done', () => {
    const [found] = find([on('interface', '10.101.0.0/16')], [{ ...hub, exists: true }]);
    expect(found).toMatchObject({ verdict: 'warning', remedy: expect.stringMatching(/^take the address off br0, or destroy the cluster/) });
  });

  test('a proposal has the same size, and there is none when everything is taken', () => {
    expect(firstFree('10.96.0.0/12', ['10.96.0.0/12', '10.112.0.0/16'])).toBe('10.128.0.0/12');
    expect(firstFree('10.1.0.0/16', ['0.0.0.0/0'])).toBeNull();
  });
});

const inNamespace = (script: string) => spawnSync('unshare', ['--net', 'bash', '-c', script], { encoding: 'utf8' });
const canUnshare = process.platform === 'linux' && inNamespace('ip link add br0 type bridge').status === 0;
(canUnshare ? test : test.skip)('finds a bridge and a route of a real kernel, in a network namespace of its own', () => {
  const setUp =
    'ip link add br0 type bridge && ip address add 10.101.9.1/16 dev br0 && ip link set br0 up && ip route add 10.202.0.0/16 dev br0';
  const answers = new Map(
    ['ip -4 -json address', 'ip -4 -json route show table all'].map((command) => [command, inNamespace(`${setUp} && ${command}`).stdout]),
  );
  const host = hostNetworks('linux', (program, args) => answers.get([program, ...args].join(' '))!);
  expect(find(host).map(({ verdict, found }) => [verdict, found])).toEqual([
    ['fault', 'podCidr 10.101.0.0/16 of cluster "hub" is in use on this host: interface br0 has 10.101.0.0/16'],
    ['fault', 'serviceCidr 10.202.0.0/16 of cluster "edge" is in use on this host: the route to 10.202.0.0/16 leads through br0'],
  ]);
});
