import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addresses, checkHost, type HostQuestions } from '../../runner/host/checks';
import { checkDisk, machineDisk } from '../../runner/host/disks';
import { checkDocker, checkSoftnet } from '../../runner/host/provider-checks';
import { mendState, stateAddresses } from '../../runner/terraform/state-file';

const work = mkdtempSync(join(tmpdir(), 'flotilla-host-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const questions: HostQuestions = {
  provider: 'nspawn',
  addresses: 'assigned',
  machineNetwork: 'bridge',
  nodes: 2,
  memoryMiB: 1024,
  dataFolder: join(work, 'data'),
  cacheFolder: join(work, 'cache', 'that', 'does', 'not', 'exist', 'yet'),
  preparationGiB: 0,
  buildsFromSource: false,
  network: null,
  folder: join(work, '.flotilla', 'lab@nspawn'),
  uid: 'aaaaaa',
};
const finding = (check: string, changed: Partial<HostQuestions> = {}) =>
  checkHost({ ...questions, ...changed }).find((entry) => entry.check === check)!;

test('a host that is good enough has no fault in what does not depend on this machine', () => {
  for (const check of ['disk for sources', 'disk for machines', 'memory', 'network', 'other deployments'])
    expect(finding(check).verdict).toBe('ok');
});

test('asks of the host what the machine provider needs, and nothing of one from outside', () => {
  expect(finding('platform', { provider: 'tart' })).toMatchObject({ verdict: 'fault', remedy: expect.stringContaining('tart') });
  for (const check of ['platform', 'user']) expect(finding(check, { provider: 'fake' }).verdict).toBe('ok');
});

test('fails for want of disk or memory, with the number and what to do', () => {
  expect(finding('disk for sources', { preparationGiB: 1e6 })).toMatchObject({
    verdict: 'fault',
    remedy: expect.stringContaining('FLOTILLA_CACHE'),
  });
  expect(finding('memory', { memoryMiB: 1e9 })).toMatchObject({ verdict: 'fault', remedy: expect.stringContaining('memoryMiB') });
});

test('fails for an address that this host uses already, and names who has it', () => {
  const [interfaceOfOurs] = addresses();
  const network = { cidr: interfaceOfOurs!.cidr, bridge: 'fl000000', registryPort: 1 };
  const busy = finding('network', { network });
  expect(busy.verdict).toBe('fault');
  expect(busy.found).toContain(interfaceOfOurs!.name);
  expect(finding('network', { network: { ...network, bridge: interfaceOfOurs!.name } }).verdict).toBe('ok');
});

const leased = { provider: 'tart', addresses: 'leased', machineNetwork: 'nat' } as const;

test('asks nothing of this host that is not its own to decide: the network of a provider that leases addresses', () => {
  const [taken] = addresses();
  // Docker's own bridge, say, which is there as long as a kind cluster is.
  const network = { cidr: taken!.cidr, bridge: 'fl000000', registryPort: 1 };
  const checks = checkHost({ ...questions, ...leased, network });
  expect(checks.filter(({ verdict }) => verdict === 'fault').map(({ check }) => check)).toEqual(['platform']);
  for (const check of ['network', 'control groups']) expect(finding(check, { ...leased, network })).toBeUndefined();
});

describe('a machine provider', () => {
  it('puts the disks of its machines where it does, and wants as much as they take', () => {
    expect(machineDisk('nspawn', 4, '/data', null)).toEqual({ folder: '/data', neededGiB: 5 });
    expect(machineDisk('tart', 10, '/data', null)).toMatchObject({
      folder: expect.stringMatching(/\.tart$/),
      neededGiB: 62,
      wantedGiB: 100,
    });
    expect(machineDisk('multipass', 6, '/data', null)).toMatchObject({ folder: expect.stringContaining('multipass'), neededGiB: 38 });
    expect(machineDisk('kind', 3, '/data', '/var/lib/docker')).toMatchObject({ neededGiB: 5 });
    const [short] = checkDisk('disk', { folder: work, neededGiB: 0, wantedGiB: 1e6, otherwise: 'images go' }, 'more', false);
    expect(short).toMatchObject({ verdict: 'warning', remedy: 'below 1000000 GiB: images go' });
    expect(checkDisk('disk', { folder: null, neededGiB: 1e6 }, 'more', false)).toEqual([]);
  });

  it('kind: Docker must answer, with memory and control groups that do', () => {
    const docker = { ServerVersion: '29', MemTotal: 8 * 2 ** 30, CgroupVersion: '2', DockerRootDir: '/d' };
    expect(checkDocker(docker, 8192)).toMatchObject({ verdict: 'ok', found: '29, 8192 MiB, control groups version 2' });
    expect(checkDocker(docker, 8193)).toMatchObject({ verdict: 'warning', remedy: expect.stringContaining('8193 MiB') });
    expect(checkDocker({ ...docker, CgroupVersion: '1' }, 1).verdict).toBe('warning');
    expect(checkDocker(null, 1)).toMatchObject({ verdict: 'fault', remedy: expect.stringContaining('docker info') });
    expect(finding('docker', { ...leased, provider: 'kind' })).toBeDefined();
  });

  it('tart: softnet must belong to root and have its bit, or sudo must ask for nothing', () => {
    const softnet = join(work, 'softnet');
    writeFileSync(softnet, '');
    const verdict = (mode: number, mayBeRoot: boolean) => {
      chmodSync(softnet, mode);
      return checkSoftnet(softnet, () => mayBeRoot).verdict;
    };
    // The owner of a file of ours is us: it counts only where that is root.
    const asRoot = process.getuid?.() === 0 ? 'ok' : 'fault';
    expect([verdict(0o4755, false), verdict(0o755, false), verdict(0o755, true)]).toEqual([asRoot, 'fault', 'ok']);
    expect(checkSoftnet(softnet, () => false).remedy).toContain(`chmod u+s "${softnet}"`);
    expect(checkSoftnet(null, () => true)).toMatchObject({ verdict: 'fault', found: 'not on PATH' });
  });
});

test('a state that was cut off in the middle gives way to the one before it and is kept', () => {
  const state = join(work, 'hub.tfstate');
  const good = JSON.stringify({
    resources: [{ mode: 'managed', type: 'null_resource', name: 'lease', instances: [{ index_key: 'hub-cp-1' }] }],
  });
  writeFileSync(state, good);
  expect(mendState(state)).toBeNull();
  writeFileSync(`${state}.backup`, good);
  writeFileSync(state, good.slice(0, 20));
  expect(mendState(state)).toContain('the state before the last change');
  expect(stateAddresses(state)).toEqual(['null_resource.lease["hub-cp-1"]']);
  expect(readFileSync(`${state}.damaged`, 'utf8')).toBe(good.slice(0, 20));
});

test('a state that Terraform had just opened when it was killed is an empty one', () => {
  const state = join(work, 'edge.tfstate');
  writeFileSync(state, '');
  expect(mendState(state)).toBeNull();
  expect(stateAddresses(state)).toEqual([]);
});
