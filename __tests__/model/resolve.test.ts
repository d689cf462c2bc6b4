import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Component, defineComponent } from '../../components/define';
import { overlap } from '../../config/cidr';
import { FleetError } from '../../config/problem';
import type { FleetInput } from '../../config/schema';
import { InstallCycle, installOrder } from '../../model/install-order';
import { mergeValues } from '../../model/merge-values';
import { fleetTable } from '../../model/table';
import { problemsOf } from '../../model/validate';
import { fromText, load, resolveFresh, root } from '../support/fleet-fixture';

const lab = () => resolveFresh(load('lab'));

const fleets = readdirSync(join(root, 'fleets')).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
const elsewhere = ['tart', 'trio', 'kind'];

test.each([...fleets.map((name) => [name, null] as const), ...elsewhere.map((name) => [name, 'nspawn'] as const)])(
  'the fleet %s (overlay %s) is what its golden file shows; FLOTILLA_GOLDEN=write writes it anew',
  (name, overlay) => {
    const fleet = load(name, overlay);
    // Machines that are born from somebody's image get their packages from the projects themselves.
    const table = fleetTable(resolveFresh(fleet, elsewhere.includes(name) && overlay === null ? { source: 'official' } : {}));
    const file = join(root, '__tests__/golden', `${[name, overlay].filter(Boolean).join('-on-')}.txt`);
    if (process.env.FLOTILLA_GOLDEN === 'write') writeFileSync(file, table);
    expect(table).toBe(readFileSync(file, 'utf8'));
  },
);

test('the resolved fleet is frozen through and through, survives JSON and comes out the same twice', () => {
  const fleet = lab();
  const frozen = (value: unknown): boolean =>
    value === null || typeof value !== 'object' || (Object.isFrozen(value) && Object.values(value).every(frozen));
  expect(frozen(fleet)).toBe(true);
  expect(JSON.parse(JSON.stringify(fleet))).toEqual(fleet);
  expect(JSON.stringify(lab())).toBe(JSON.stringify(fleet));
});

test('names of machines, bridge and API come from uid and domain', () => {
  const fleet = lab();
  expect(fleet.network).toEqual({
    cidr: '10.77.0.0/24',
    prefixLength: 24,
    gateway: '10.77.0.1',
    bridge: 'fla1b2c3',
    registry: { port: 5000, url: 'http://10.77.0.1:5000' },
  });
  expect(fleet.clusters[1]!.api.name).toBe('api.edge.flotilla.internal');
  expect(fleet.clusters[0]!.nodes[0]!.machine).toBe('fa1b2c3-hub-cp-1');
});

test('checks about nodes are asked of each node, with its name and address filled in', () => {
  const checks = lab().clusters[1]!.components.find(({ id }) => id === 'demo')!.checks;
  const pages = checks.filter(({ command }) => command[0] === 'curl');
  expect(pages.map(({ command }) => command.at(-1))).toEqual(['http://10.77.0.13:30080/', 'http://10.77.0.14:30080/']);
  expect(
    checks.flatMap(({ command, description }) => [...command, description]).filter((text) => /\{(node|address|cluster)\}/.test(text)),
  ).toEqual([]);
});

test('values come from the file, then the component, then the fleet', () => {
  const text = readFileSync(join(root, '__tests__/fixtures/accept/alone-and-fixed.yaml'), 'utf8');
  const { values } = resolveFresh(fromText(text)).clusters[0]!.components.find(({ id }) => id === 'local-path')!;
  expect(values).toMatchObject({ resources: { requests: { cpu: '50m', memory: '32Mi' } }, helperImage: { tag: '1.35.0' } });
  expect(mergeValues({ a: { b: 1, c: [1, 2] } }, { a: { c: [3] } })).toEqual({ a: { b: 1, c: [3] } });
});

describe('the overlay small', () => {
  test('changes sizes and nothing else, in a deployment of its own', () => {
    const small = resolveFresh(load('lab', 'small'));
    expect(small.deployment).toBe('lab+small@nspawn');
    expect(small.budget).toEqual({ nodesMemoryMiB: 6144, hostMemoryMiB: 8192 });
    expect(small.clusters.map(({ components }) => components.map(({ id }) => id))).toEqual(
      lab().clusters.map(({ components }) => components.map(({ id }) => id)),
    );
  });
});

const fake = (id: string, more: Partial<Component> = {}) =>
  defineComponent({ id, summary: id, roles: ['standalone'], namespace: { name: id }, ...more });
const oneNode = (components: object = {}): FleetInput => ({
  budget: { memoryMiB: 4096 },
  clusters: [{ name: 'one', id: 1, role: 'standalone', components, nodes: [{ name: 'one-cp-1', role: 'control-plane', memoryMiB: 2048 }] }],
});
const written = (fleet: FleetInput) => fromText(JSON.stringify(fleet));

describe('with a catalog of its own', () => {
  test('fails: two pod networks', () => {
    const catalog = [fake('one-net', { provides: ['cni'] }), fake('other-net', { provides: ['cni'] })];
    const problems = problemsOf({ fleet: written(oneNode()), catalog });
    expect(problems).toMatchObject([
      { id: 'one-cni', rule: 'cluster "one" has 2 pod networks: one-net, other-net', remedy: expect.stringContaining('keep one-net') },
    ]);
  });

  test('fails: components that wait for each other, named as a ring', () => {
    const catalog = [
      fake('first', { provides: ['issuer'], after: ['storage'] }),
      fake('second', { provides: ['storage'], requires: ['issuer'] }),
      fake('third', { requires: ['storage'] }),
    ];
    const problems = problemsOf({ fleet: written(oneNode()), catalog });
    expect(problems).toMatchObject([{ id: 'install-cycle', rule: 'components wait for each other: first -> second -> first' }]);
    expect(() => installOrder(catalog)).toThrow(InstallCycle);
  });

  test('what replaces kube-proxy is left out of kubeadm', () => {
    const catalog = [fake('net', { provides: ['cni'], replaces: ['kube-proxy'] })];
    expect(resolveFresh(written(oneNode()), { catalog }).clusters[0]!.skipPhases).toEqual(['addon/kube-proxy']);
  });

  test('what is imported as a need comes along, before those that need it, and only direct edges are kept', () => {
    const net = fake('z-net', { roles: [], provides: ['cni'] });
    const disk = fake('disk', { roles: [], requires: [net] });
    const app = fake('app', { requires: ['cni', net, disk], after: ['object-store'] });
    const [cluster] = resolveFresh(written(oneNode()), { catalog: [app, disk, net] }).clusters;
    expect(cluster!.components.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['z-net', []],
      ['disk', ['z-net']],
      ['app', ['disk']],
    ]);
  });
});

describe('of any set of components', () => {
  const sets = fc
    .uniqueArray(fc.constantFrom(...'abcdefghij'), { minLength: 1 })
    .chain((ids) => fc.tuple(fc.constant(ids), fc.array(fc.tuple(fc.nat(ids.length - 1), fc.nat(ids.length - 1), fc.boolean()))))
    .map(([ids, edges]) => {
      const made: Component[] = [];
      for (const [index, id] of ids.entries()) {
        const targets = edges.filter(([from, to]) => from === index && to < index);
        const pick = (hard: boolean) => targets.filter(([, , is]) => is === hard).map(([, to]) => made[to]!);
        made.push(fake(id, { requires: pick(true), after: pick(false) }));
      }
      return made;
    });

  test('the order is acyclic, complete and stable, and every edge that is kept is a need', () => {
    fc.assert(
      fc.property(sets, (components) => {
        const order = installOrder(components);
        const position = new Map(order.map(({ component }, index) => [component.id, index]));
        expect([...position.keys()].sort()).toEqual(components.map(({ id }) => id).sort());
        expect(installOrder(components)).toEqual(order);
        const kept = new Map(order.map(({ component, dependsOn }) => [component.id, dependsOn]));
        const reach = (id: string): string[] => kept.get(id)!.flatMap((before) => [before, ...reach(before)]);
        for (const { component, dependsOn } of order) {
          const direct = [...(component.requires ?? []), ...(component.after ?? [])].map((target) => (target as Component).id);
          expect(dependsOn.every((before) => position.get(before)! < position.get(component.id)! && direct.includes(before))).toBe(true);
          expect(direct.every((before) => reach(component.id).includes(before))).toBe(true);
          expect(dependsOn.filter((before) => dependsOn.some((other) => other !== before && reach(other).includes(before)))).toEqual([]);
        }
      }),
    );
  });
});

describe('of any fleet', () => {
  /** Mostly right, so that a fair share of the fleets resolves. */
  const often = <T>(right: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: odd });
  const ids = ['bridge-cni', 'demo', 'local-path', 'metrics-server'];
  const node = fc.record({
    name: often(
      fc.nat(200).map((number) => `n-${number}`),
      fc.constantFrom('n-1', 'Bad', 'x'.repeat(60)),
    ),
    role: often(fc.constant('worker'), fc.constant('control-plane')),
    memoryMiB: often(fc.constant(2048), fc.constantFrom(1024, 1800)),
  });
  const cluster = fc.record(
    {
      name: often(
        fc.nat(200).map((number) => `c-${number}`),
        fc.constantFrom('c-1', 'foundation'),
      ),
      id: often(fc.integer({ min: 1, max: 50 }), fc.constantFrom(1, 51, 255)),
      // The sets of the others do not fit such small nodes; their own fleets are resolved above.
      role: often(fc.constant('standalone'), fc.constantFrom('hub', 'agent')),
      podCidr: often(
        fc.integer({ min: 16, max: 31 }).map((second) => `172.${second}.0.0/16`),
        fc.constantFrom('10.101.0.0/16', '10.77.0.0/16'),
      ),
      components: often(
        fc.constant({ add: [...ids], remove: [] as string[] }),
        fc.record({ add: fc.subarray(ids), remove: fc.subarray(ids) }),
      ),
      nodes: fc
        .tuple(
          often(
            node.map((one) => ({ ...one, role: 'control-plane' })),
            node,
          ),
          fc.array(node, { maxLength: 2 }),
        )
        .map(([first, others]) => [first, ...others]),
    },
    { requiredKeys: ['name', 'id', 'role', 'components', 'nodes'] },
  );
  const fleets = fc.record({
    budget: fc.record({ memoryMiB: fc.constantFrom(4096, 32768) }),
    clusters: fc.array(cluster, { minLength: 1, maxLength: 3 }),
  });

  test('it resolves, or problems say why; what resolves is sound', () => {
    let resolvedCount = 0;
    fc.assert(
      fc.property(fleets, (input) => {
        const fleet = fromText(JSON.stringify(input));
        const problems = problemsOf({ fleet });
        if (problems.length > 0) {
          expect(problems.every(({ rule, remedy }) => rule !== '' && remedy !== '')).toBe(true);
          expect(() => resolveFresh(fleet)).toThrow(FleetError);
          return;
        }
        resolvedCount++;
        const { clusters, stacks } = resolveFresh(fleet);
        const cidrs = ['10.77.0.0/24', ...clusters.flatMap(({ podCidr, serviceCidr }) => [podCidr, serviceCidr])];
        expect(cidrs.every((one, at) => cidrs.every((other, index) => index === at || !overlap(one, other)))).toBe(true);
        const addresses = clusters.flatMap(({ nodes }) => nodes.map(({ address }) => address));
        expect(new Set(addresses).size).toBe(addresses.length);
        for (const { components } of clusters) {
          components.forEach(({ dependsOn }, index) => {
            const before = components.slice(0, index).map(({ id }) => id);
            expect(dependsOn.every((id) => before.includes(id))).toBe(true);
          });
        }
        const names = stacks.map(({ name }) => name);
        expect(stacks.every(({ needs }, index) => needs.every((need) => names.indexOf(need) < index && names.includes(need)))).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(resolvedCount).toBeGreaterThan(20);
    expect(resolvedCount).toBeLessThan(380);
  });
});
