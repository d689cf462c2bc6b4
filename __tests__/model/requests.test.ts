import { requestsOf, shortages } from '../../model/requests';
import { problemsOf } from '../../model/validate';
import { fromText, resolveFresh } from '../support/fleet-fixture';
import { fake, net, twoClusters } from '../support/two-clusters';

const heavy = fake('heavy', {
  requests: { hub: { cpuMillicores: 300, memoryMiB: 900, storageGiB: 10 }, agent: { cpuMillicores: 10, memoryMiB: 16 } },
});
const everywhere = fake('everywhere', {
  requests: { hub: { cpuMillicores: 0, memoryMiB: 0, perNode: { cpuMillicores: 100, memoryMiB: 128 } } },
});
const node = (role: 'control-plane' | 'worker', memoryMiB: number) => ({ role, memoryMiB, cpus: 2, diskGiB: 20 });

test('a cluster asks for the sum of its components by role, and its workers have what the system and what runs everywhere leave', () => {
  expect(requestsOf([heavy, everywhere], 'hub', [node('control-plane', 4096), node('worker', 2048), node('worker', 1024)])).toEqual({
    requested: { cpuMillicores: 300, memoryMiB: 900, storageGiB: 10 },
    perNode: { cpuMillicores: 100, memoryMiB: 128 },
    left: { cpuMillicores: 3600, memoryMiB: 2048 + 1024 - 2 * (256 + 128), storageGiB: 24 },
  });
});

test('a cluster without workers runs everything on its control planes, which keep their part', () => {
  const { left } = requestsOf([heavy], 'hub', [node('control-plane', 4096)]);
  expect(left).toEqual({ cpuMillicores: 1050, memoryMiB: 2816, storageGiB: 12 });
  expect(requestsOf([heavy], 'hub', [node('control-plane', 512)]).left.memoryMiB).toBe(0);
});

test('a role that a component says nothing of costs nothing', () => {
  expect(requestsOf([heavy, everywhere], 'standalone', [node('worker', 2048)]).requested).toEqual({
    cpuMillicores: 0,
    memoryMiB: 0,
    storageGiB: 0,
  });
});

test('what fits to the byte fits, one more does not', () => {
  const asking = (memoryMiB: number) =>
    requestsOf([fake('x', { requests: { hub: { cpuMillicores: 0, memoryMiB } } })], 'hub', [node('worker', 1024)]);
  expect(shortages(asking(768))).toEqual([]);
  expect(shortages(asking(769))).toEqual(['769 MiB of memory of 768']);
});

const greedy = fake('greedy', { requests: { hub: { cpuMillicores: 5000, memoryMiB: 4000, storageGiB: 100 } } });
const fleet = (more: object = {}) => fromText(JSON.stringify(twoClusters({ budget: { memoryMiB: 16384, ...more } })));

test('a fleet that asks for more than it has is refused with what is missing, where, and who asks for most', () => {
  const [problem, ...more] = problemsOf({ fleet: fleet(), catalog: [net, heavy, greedy] });
  expect(more).toEqual([]);
  expect(problem).toMatchObject({
    id: 'requests-fit',
    path: ['clusters', 0, 'nodes'],
    rule: expect.stringContaining('5300 millicores of 1900 and 4900 MiB of memory of 1792 and 110 GiB of disk of 12'),
    remedy: expect.stringContaining('give its hub-worker more, or remove some, the largest are greedy (4000 MiB), heavy (900 MiB)'),
  });
});

test('a fleet may take that on itself, and is told so', () => {
  const { warnings } = resolveFresh(fleet({ overcommit: true }), { catalog: [net, greedy] });
  expect(warnings).toEqual([expect.stringMatching(/^overcommit: the components of center ask for 5000 millicores of 1900/)]);
  expect(resolveFresh(fleet({ overcommit: true }), { catalog: [net, heavy] }).warnings).toEqual([]);
});
