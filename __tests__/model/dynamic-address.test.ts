import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leased } from '../../model/dynamic-address';
import { corefile, hostNames, initDocuments, joinDocument } from '../../model/kubeadm';
import { openDeployedFleet } from '../../runner/deployment/open';
import { type Json, load, resolveFresh, root } from '../support/fleet-fixture';

const tart = resolveFresh(load('tart'));
const [platform, dev] = tart.clusters;

test('where addresses are leased the model holds none: names stand for nodes, gateway and registry', () => {
  expect(platform!.nodes[0]!.address).toBe('leased(platform-master)');
  expect(tart.network).toMatchObject({
    cidr: '192.168.64.0/24',
    prefixLength: 24,
    gateway: 'leased(gateway)',
    registry: { port: 5000, url: 'leased(registry)' },
  });
  const lease = /192\.168\.64\.(?!0\/24)/;
  expect(lease.test(JSON.stringify(tart))).toBe(false);
  expect(lease.test(JSON.stringify({ ...tart, domain: '192.168.64.11' }))).toBe(true);
});

test('kubeadm’s documents carry the names through', () => {
  const [init, cluster] = initDocuments(tart, platform!, platform!.nodes[0]!) as Record<string, Json>[];
  expect(init).toMatchObject({
    localAPIEndpoint: { advertiseAddress: leased('platform-master') },
    nodeRegistration: { kubeletExtraArgs: [{ name: 'node-ip', value: leased('platform-master') }] },
  });
  expect(cluster!.apiServer.certSANs).toContain(leased('platform-master'));
  expect(JSON.stringify(joinDocument(dev!, dev!.nodes[1]!))).toContain(leased('dev-worker1'));
});

test('nothing that Helm or the API is given holds such a name: nobody would put the address in its place', () => {
  for (const name of ['tart', 'trio', 'kind']) {
    const given = resolveFresh(load(name)).clusters.flatMap(({ components }) =>
      components.map(({ values, resources }) => [values, resources]),
    );
    expect(JSON.stringify(given)).not.toContain('leased(');
  }
});

test('a cluster knows its own names first, the stack links brings all of them', () => {
  const own = hostNames(tart, dev);
  expect(own).toEqual([
    { address: leased('dev-master'), names: ['dev-master', 'dev-master.flotilla.internal', 'api.dev.flotilla.internal'] },
    { address: leased('dev-worker1'), names: ['dev-worker1', 'dev-worker1.flotilla.internal'] },
  ]);
  expect(hostNames(tart)).toHaveLength(10);
  expect(corefile(tart, dev)).not.toContain('platform');
  expect(corefile(tart)).toContain(`${leased('platform-master')} platform-master `);
  expect(tart.stacks.at(-1)).toEqual({ name: 'links', kind: 'links', cluster: null, needs: ['platform', 'dev', 'staging', 'prod'] });
});

test('assigned addresses are known from the start: whole lists everywhere, no stack links; nor where clusters are brought', () => {
  const lab = resolveFresh(load('lab'));
  expect(hostNames(lab, lab.clusters[0])).toEqual(hostNames(lab));
  expect(corefile(lab, lab.clusters[0])).toBe(corefile(lab));
  for (const fleet of [lab, resolveFresh(load('kind')), resolveFresh(load('tart', 'nspawn'))])
    expect(fleet.stacks.map(({ kind }) => kind)).not.toContain('links');
});

test('a deployment with leased addresses records none, and its network is where they usually are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-leased-'));
  try {
    const { model, folder: deployment } = openDeployedFleet({
      root: folder,
      fleet: join(root, 'fleets/trio.yaml'),
      overlay: null,
      busyCidrs: ['192.168.64.0/24'],
      create: true,
    });
    expect(JSON.parse(readFileSync(join(deployment, 'deployment.json'), 'utf8'))).toMatchObject({
      network: '192.168.64.0/24',
      addresses: {},
    });
    expect(model.provider).toMatchObject({ id: 'multipass', network: 'shared', image: '24.04', addresses: 'leased', brings: 'machines' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a cluster that is brought runs the Kubernetes of its image, on the ports and from the image that the fleet names', () => {
  const kind = resolveFresh(load('kind'));
  expect(kind.kubernetesVersion).toBe('1.35.0');
  expect(kind.network.registry.port).toBe(5002);
  expect(kind.clusters[0]!.hostPorts).toEqual([
    { host: 80, node: 31080 },
    { host: 443, node: 31443 },
    { host: 30300, node: 30300 },
    { host: 30201, node: 30201 },
    { host: 30800, node: 30800 },
    { host: 30903, node: 30903 },
  ]);
  expect(kind.provider).toMatchObject({
    brings: 'clusters',
    network: 'docker',
    image: expect.stringMatching(/^kindest\/node:v1\.35\.0@sha256:/),
  });
  expect(tart.provider).toMatchObject({ network: 'softnet', image: 'ghcr.io/cirruslabs/ubuntu:24.04' });
});
