import { buffersOf, diskQueue, gibibyte, podsOn, samplesPerSecond, writeAheadLog } from '../../model/buffers';
import { bufferDisk } from '../../model/rules/buffer-disk';
import { component, contextOf, valuesOf } from '../support/observability-clusters';

const mebibyte = 2 ** 20;
const nodes = contextOf('agent').nodes;
const senders = ['kube-prometheus-stack', 'otel-collector'].map(component);

describe('the write-ahead log', () => {
  /** Samples per second that fill so many segments of 128 MiB in two hours. */
  const filling = (segments: number) => (segments * 128 * mebibyte) / 7200 / 6.2;

  // Simulated for facts of 2026-11-20, 3.1: segments in two hours → hours that are sure.
  test.each([
    [0.2, 6],
    [1, 6],
    [1.5, 2.7],
    [2.5, 2.4],
    [3.5, 2],
    [5.5, 1.65],
    [10, 1.25],
    [50, 1.05],
  ])('of %d segments lasts %d hours', (segments, hours) => expect(writeAheadLog(filling(segments) * 0.999, 2).hours).toBeCloseTo(hours, 5));

  test('between two sizes lasts what the larger one does, and beyond the last one half of its interval', () => {
    expect(writeAheadLog(filling(2), 2).hours).toBeCloseTo(2.4);
    expect(writeAheadLog(filling(500), 2).hours).toBe(1);
  });

  test('that is cut every 6 hours lasts 18 in a small cluster', () => {
    expect(writeAheadLog(filling(0.3), 6).hours).toBe(18);
  });

  test('is a segment of 128 MiB at least, and twice what an interval brings', () => {
    expect(writeAheadLog(0, 6).bytes).toBe(128 * mebibyte);
    expect(writeAheadLog(1000, 6).bytes).toBeCloseTo(2 * 1000 * 6.2 * 21600 + 128 * mebibyte);
  });
});

test("a cluster's size says how much it sends", () => {
  expect(nodes.map(podsOn)).toEqual([24, 32]);
  expect(podsOn({ memoryMiB: 131072 })).toBe(110);
  expect(samplesPerSecond(nodes, 30)).toBeCloseTo((12000 + 2 * 900 + 56 * 60) / 30);
  // Facts: a log stays below a segment in two hours up to about 3000 samples a second.
  expect(writeAheadLog(3000, 2).hours).toBe(6);
});

test('a queue on disk lasts until it is full', () => {
  const { hours, bytes, bytesPerSecond } = diskQueue('logs', { memoryMiB: 4096 }, gibibyte / 2);
  expect([bytesPerSecond, bytes]).toEqual([4800, gibibyte / 2]);
  expect(hours).toBeCloseTo(31.07, 1);
  expect(diskQueue('traces', { memoryMiB: 4096 }, gibibyte / 2).hours).toBeCloseTo(9.3, 1);
});

test('an agent keeps its promises; a hub makes none', () => {
  const kept = buffersOf(senders, 'agent', nodes);
  expect(kept.map(({ signal, hours, promisedHours }) => [signal, Math.floor(hours), promisedHours])).toEqual([
    ['metrics', 18, 2],
    ['logs', 31, 6],
    ['traces', 9, 2],
  ]);
  expect(buffersOf(senders, 'hub', nodes)).toEqual([]);
});

test('queues of the largest nodes keep their promises too', () => {
  const large = [{ role: 'worker', memoryMiB: 131072 }] as const;
  for (const { hours, promisedHours } of buffersOf(senders, 'agent', large)) expect(hours).toBeGreaterThanOrEqual(promisedHours);
});

test('what the charts get is what is computed with', () => {
  const [log] = component('kube-prometheus-stack').buffers!.agent!;
  const { prometheusSpec } = valuesOf('kube-prometheus-stack', contextOf('agent')).prometheus;
  if (log!.signal !== 'metrics') throw new Error('no log of metrics');
  expect(prometheusSpec.additionalArgs).toEqual([{ name: 'storage.agent.wal-truncate-frequency', value: `${log!.truncateHours}h` }]);
  expect(prometheusSpec.scrapeInterval).toBe(`${log!.scrapeSeconds}s`);
  expect(prometheusSpec.storageSpec.volumeClaimTemplate.spec.resources.requests.storage).toBe(`${log!.claimGiB}Gi`);
  const { exporters } = valuesOf('otel-collector', contextOf('agent')).config;
  const sizes = component('otel-collector').buffers!.agent!.map((queue) => 'bytesPerNode' in queue && queue.bytesPerNode);
  expect(['otlp_http/loki', 'otlp_grpc/tempo'].map((name) => exporters[name].sending_queue.queue_size)).toEqual(sizes);
});

describe('the rule', () => {
  const problems = (memoryMiB: number, diskGiB: number, count = 1, id = 'buffer-disk') => {
    const members = Array.from({ length: count }, (_, index) => ({
      name: `n-${index}`,
      role: index === 0 ? 'control-plane' : 'worker',
      cpus: 2,
      memoryMiB,
      diskGiB,
    }));
    const components = { add: senders.map((sender) => sender.id), remove: [], values: {} };
    const spec = { clusters: [{ name: 'app', id: 2, role: 'agent', components, hostPorts: [], nodes: members }] };
    return bufferDisk
      .check({ spec, catalog: senders } as unknown as Parameters<typeof bufferDisk.check>[0])
      .map((problem) => ({ id, ...problem }));
  };

  test('accepts the seeds’ nodes', () => expect(problems(4096, 30, 2)).toEqual([]));

  test('refuses a disk that cannot hold what is promised, and says how large one can', () => {
    const [problem] = problems(4096, 10);
    expect(problem).toMatchObject({ path: ['clusters', 0, 'nodes', 0, 'diskGiB'], value: 10, remedy: 'write 11 or more' });
    expect(problems(4096, 11)).toEqual([]);
  });

  test('refuses a cluster whose log of metrics outgrows its claim', () => {
    const large = problems(32768, 100, 80);
    expect(large.map(({ path }) => path.join('.'))).toEqual(['clusters.0.name']);
    expect(large[0]!.rule).toMatch(/takes .* GiB, and its claim has 5/);
  });
});
