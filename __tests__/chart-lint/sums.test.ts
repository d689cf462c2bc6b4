import { inventoryOf, type Loose } from '../../chart-lint/contracts';
import { podAsk, podLimits } from '../../chart-lint/pod-requests';
import { quantity } from '../../chart-lint/quantity';
import { clusterSums } from '../../chart-lint/sums';
import { component, inventory, workload } from './rendered';

test.each([
  ['500m', 0.5],
  ['2', 2],
  [1, 1],
  ['1e3', 1000],
  ['128Mi', 128 * 2 ** 20],
  ['128M', 128e6],
  ['0.5Gi', 2 ** 29],
  [undefined, 0],
])('%s is %s', (text, value) => expect(quantity(text)).toBe(value));
test('what is no quantity is an error', () => expect(() => quantity('1 GB')).toThrow('"1 GB" is no quantity'));

const asking = (memory: number, more: Loose = {}): Loose => ({ resources: { requests: { cpu: '10m', memory: `${memory}Mi` } }, ...more });

test('a pod asks for the most that runs at one time, sidecars and init containers included', () => {
  expect(podAsk({ containers: [asking(100), asking(50)] })).toEqual({ cpu: 20, memory: 150 });
  expect(podAsk({ containers: [asking(100)], initContainers: [asking(400), asking(20)] })).toEqual({ cpu: 10, memory: 400 });
  const sidecar = asking(30, { restartPolicy: 'Always' });
  expect(podAsk({ containers: [asking(100)], initContainers: [sidecar] })).toEqual({ cpu: 20, memory: 130 });
  // A sidecar runs beside the init containers after it, not beside those before it.
  expect(podAsk({ containers: [asking(1)], initContainers: [asking(400), sidecar] }).memory).toBe(400);
  expect(podAsk({ containers: [asking(1)], initContainers: [sidecar, asking(400)] }).memory).toBe(430);
  expect(podAsk({ containers: [asking(1)], overhead: { memory: '10Mi' } }).memory).toBe(11);
});

test('what is not set comes from the limit, then from the LimitRange', () => {
  const defaults = { default: { memory: '256Mi' }, defaultRequest: { memory: '64Mi' } };
  expect(podAsk({ containers: [{ resources: { limits: { memory: '200Mi' } } }] }, defaults).memory).toBe(200);
  expect(podAsk({ containers: [{}] }, defaults).memory).toBe(64);
  expect(podAsk({ containers: [{}] }).memory).toBe(0);
  expect(podLimits({ containers: [{}], initContainers: [{}] }, defaults)).toEqual({ memory: 256, unlimited: 0 });
  expect(podLimits({ containers: [{}], initContainers: [{ restartPolicy: 'Always' }] })).toEqual({ memory: 0, unlimited: 2 });
});

const node = (name: string, role: 'control-plane' | 'worker', memoryMiB: number) => ({
  name,
  role,
  memoryMiB,
  cpus: 4,
  diskGiB: 50,
  machine: name,
  address: name,
});
// The hub of trio, as it was reviewed.
const nodes = [node('cp', 'control-plane', 4096), node('worker', 'worker', 6144)];
const plenty = { cpuMillicores: 100_000, memoryMiB: 100_000, storageGiB: 1000 };
type Declaring = Parameters<typeof clusterSums>[0][number]['components'][number];
/** What the resolved fleet says of its own declarations. */
const declaredAs = (memoryMiB: number) => ({
  requested: { cpuMillicores: 0, memoryMiB, storageGiB: 0 },
  perNode: { cpuMillicores: 0, memoryMiB: 0 },
  left: { cpuMillicores: 1, memoryMiB: 5000, storageGiB: 1 },
});
const sums = (objects: readonly Loose[], requests = plenty, of = nodes, declared = declaredAs(0), more: readonly Declaring[] = []) =>
  clusterSums(
    [{ name: 'hub', nodes: of, requests: declared, components: [{ id: 'shop', requests, dependsOn: ['beside'] }, ...more] }],
    new Map([['hub', inventory(...objects)]]),
  );
const pods = (memory: number, replicas = 1, more: Loose = {}, name = 'web') =>
  workload('Deployment', name, { containers: [asking(memory)], ...more }, { replicas });
const anywhere = { tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }] };

test('pods that fit are counted against what nodes have for them', () => {
  const { faults, notes, checked, unchecked } = sums([
    pods(1000, 5),
    workload('DaemonSet', 'each', { ...anywhere, containers: [asking(100)] }),
  ]);
  expect({ faults, notes, unchecked }).toEqual({ faults: [], notes: [], unchecked: [] });
  expect(checked).toEqual([
    'hub: pods ask for 70m, 5200 MiB of 6950m, 8704 MiB; limits of memory add up to 0 GiB on 6 GiB of nodes for workloads (0.0 ×), 6 containers have none; claims of 0 GiB of 42 GiB',
  ]);
});

test('mutation: pods that ask for more than nodes have are found', () => {
  expect(sums([pods(1000, 6)]).faults).toEqual([
    {
      release: 'hub/shop',
      text: 'no node has room for 1 pod: shop/Deployment/web (10m, 1000 MiB); left on the nodes: cp 3050m, 2816 MiB; worker 3850m, 888 MiB; give the nodes more or ask for less',
    },
  ]);
  // With a toleration one of them is on the control plane, and without workers there is no taint.
  expect(sums([pods(1000, 6, anywhere)]).faults).toEqual([]);
  expect(sums([pods(1000, 2)], plenty, [node('cp', 'control-plane', 4096)]).faults).toEqual([]);
  // Together there is room, on no single node.
  expect(sums([pods(3500, 1), pods(3000, 1, {}, 'other')]).faults).toHaveLength(1);
});

test('a fleet that overcommits on purpose gets a note in place of faults', () => {
  const { faults, notes } = sums([pods(1000, 7)], plenty, nodes, declaredAs(7000));
  expect(faults).toEqual([]);
  expect(notes).toEqual(['hub: this fleet overcommits its nodes: 2 pods of the real charts would find no room']);
});

test('mutation: an init container that asks for more than a node has is found', () =>
  expect(sums([pods(10, 1, { initContainers: [asking(6000)] })]).faults).toEqual([
    expect.objectContaining({ text: expect.stringContaining('shop/Deployment/web (10m, 6000 MiB)') }),
  ]));

test('mutation: what runs on each node and does not fit on one is found; where its pods may not go, it is not counted', () => {
  expect(sums([workload('DaemonSet', 'each', { ...anywhere, containers: [asking(3000)] })]).faults).toEqual([
    expect.objectContaining({ text: expect.stringMatching(/: shop\/DaemonSet\/each on cp \(10m, 3000 MiB\); left/) }),
  ]);
  expect(sums([workload('DaemonSet', 'each', { containers: [asking(3000)] })]).faults).toEqual([]);
});

test('mutation: limits of more than twice the memory of the nodes are a note, as on the hub of trio with 13.2 GiB on 6', () => {
  const limited = (mebibytes: number) =>
    pods(100, 12, { containers: [{ resources: { requests: { memory: '100Mi' }, limits: { memory: `${mebibytes}Mi` } } }] });
  expect(sums([limited(1126)]).notes).toEqual([
    expect.stringMatching(/^hub: limits of memory add up to 13\.2 GiB on 6 GiB of nodes for workloads \(2\.2 ×\)/),
  ]);
  expect(sums([limited(1000)]).notes).toEqual([]);
});

const claim = (name: string, size: string): Loose => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { resources: { requests: { storage: size } } },
});
const storing = (size: string, replicas: number) =>
  workload('StatefulSet', 'store', { containers: [] }, { replicas, volumeClaimTemplates: [claim('data', size)] });

test('mutation: claims of more than the disks have are found, those of each pod of a StatefulSet and of what operators make included', () => {
  const prometheus = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: 'main' },
    spec: { replicas: 2, storage: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '10Gi' } } } } } },
  };
  expect(sums([claim('a', '10Gi'), storing('10Gi', 1), prometheus]).faults).toEqual([]);
  expect(sums([claim('a', '10Gi'), storing('10Gi', 2), prometheus]).faults).toEqual([
    { release: 'hub/shop', text: expect.stringMatching(/^claims of 50 GiB on disks that have 42 GiB for them: shop 50 GiB/) },
  ]);
});

test('mutation: a release that asks for more than its component declares is found, through an init container too', () => {
  const declared = { cpuMillicores: 10, memoryMiB: 100, storageGiB: 5 };
  expect(sums([pods(100), claim('a', '5Gi')], declared).faults).toEqual([]);
  expect(sums([pods(200)], declared).faults.map(({ text }) => text)).toEqual([
    expect.stringMatching(/asks? for 200 MiB of memory, and `requests` of the component says 100/),
  ]);
  expect(
    sums([pods(100, 1, { initContainers: [{ resources: { requests: { cpu: '100m' } } }] })], declared).faults.map(({ text }) => text),
  ).toEqual([expect.stringContaining('100 millicores')]);
  expect(sums([claim('a', '6Gi')], declared).faults.map(({ text }) => text)).toEqual([expect.stringContaining('6 GiB of claims')]);
});

test('a component without pods declares for a sidecar in the release of a component that depends on it', () => {
  const declared = { cpuMillicores: 10, memoryMiB: 100, storageGiB: 0 };
  const beside = { id: 'beside', requests: { cpuMillicores: 5, memoryMiB: 16, storageGiB: 0 }, dependsOn: [] };
  const found = (memory: number, more: readonly Declaring[]) => sums([pods(memory)], declared, nodes, declaredAs(0), more).faults;
  expect(found(116, [beside])).toEqual([]);
  expect(found(117, [beside])).toHaveLength(1);
  expect(found(116, [{ ...beside, id: 'elsewhere' }])).toHaveLength(1);
});

test('mutation: a request that is no quantity is a fault of its release, not a crash', () => {
  const { faults } = sums([workload('Deployment', 'web', { containers: [{ resources: { requests: { memory: '1 GB' } } }] })]);
  expect(faults).toEqual([{ release: 'hub/shop', text: expect.stringMatching(/^shop\/Deployment\/web: "1 GB" is no quantity/) }]);
});

test('mutation: a claim whose size is no quantity is a fault of its release', () =>
  expect(sums([claim('a', 'large')]).faults).toEqual([
    { release: 'hub/shop', text: expect.stringMatching(/^PersistentVolumeClaim\/a: "large" is no quantity/) },
  ]));

test('an autoscaler keeps its minimum, and what operators make counts', () => {
  const scaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a' },
    spec: { minReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
  };
  expect(sums([pods(100), scaler]).checked[0]).toContain('pods ask for 30m, 300 MiB');
  const prometheus = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: 'main' },
    spec: { resources: { requests: { memory: '300Mi' } } },
  };
  expect(sums([prometheus]).checked[0]).toContain('pods ask for 0m, 300 MiB');
});

test('a chart that is not here is missing from the sums, and that is said', () => {
  const away = inventoryOf([{ component: component('away'), objects: [], definitions: [], isUnknown: true }], new Set());
  expect(clusterSums([{ name: 'hub', nodes, requests: declaredAs(0), components: [] }], new Map([['hub', away]])).unchecked).toEqual([
    expect.stringMatching(/^hub: .* of away are not in the sums/),
  ]);
});
