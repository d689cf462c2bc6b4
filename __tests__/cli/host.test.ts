import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addresses, checkHost, type HostQuestions } from '../../cli/host/checks';
import { mendState, stateAddresses } from '../../cli/run/state-file';

const work = mkdtempSync(join(tmpdir(), 'flotilla-host-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const questions: HostQuestions = {
  provider: 'nspawn',
  memoryMiB: 1024,
  dataFolder: join(work, 'data'),
  cacheFolder: join(work, 'cache', 'that', 'does', 'not', 'exist', 'yet'),
  preparationGiB: 0,
  machinesGiB: 0,
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
