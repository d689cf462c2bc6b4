import { catalog } from '../../components';
import { collisions } from '../../model/claims';
import { claimed } from '../../model/contracts/one-claimant';
import { load, resolveFresh } from '../support/fleet-fixture';
import { fake, net, resolveWith } from '../support/two-clusters';

const service = (name: string, nodePort: number, more = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { type: 'NodePort', ports: [{ port: 80, nodePort, ...more }] },
});
const open = (id: string, nodePort: number, more = {}) => fake(id, { resources: () => [service(id, nodePort, more)] });

describe('a port of the nodes', () => {
  test('is asked for by one component only', () => {
    expect(() => resolveWith([net, open('a', 30001), open('b', 30001)])).toThrow(
      /clusters\[0\]\.components "?port 30001\/TCP"?: is asked for by a and b of cluster "center", and only one can have it.*leave one of them out/,
    );
    expect(resolveWith([net, open('a', 30001), open('b', 30002)]).clusters).toHaveLength(2);
    expect(resolveWith([net, open('a', 30001), open('b', 30001, { protocol: 'UDP' })]).clusters).toHaveLength(2);
  });

  test.each([
    ['nodePort', { service: { type: 'NodePort', nodePort: 30001 } }],
    ['nodePort as text', { service: { nodePort: '30001' } }],
    ['nodePortHttp', { server: { service: { nodePortHttp: 30001 } } }],
    ['a list of ports', { service: { ports: [{ name: 'web', nodePort: 30001 }] } }],
  ])('is found in the values of a chart: %s', (_, values) => {
    const chart = { repository: 'https://example.org', name: 'b', version: '1.0.0' };
    const one = fake('b', { chart, values: () => values });
    expect(() => resolveWith([net, open('a', 30001), one])).toThrow('is asked for by a and b');
    expect(resolveWith([net, one]).clusters).toHaveLength(2);
  });

  test('is not asked for by a service that is not open', () => {
    const chart = { repository: 'https://example.org', name: 'b', version: '1.0.0' };
    const shut = fake('b', { chart, values: () => ({ service: { type: 'ClusterIP', nodePort: 30001 } }) });
    expect(resolveWith([net, open('a', 30001), shut]).clusters).toHaveLength(2);
  });

  test('sabotage: demo and demo-apps, each fine by itself, are refused together', () => {
    const tart = load('tart');
    const withDemo = { ...tart, spec: { ...tart.spec!, clusters: tart.spec!.clusters.map((cluster) => ({ ...cluster })) } };
    const staging = withDemo.spec.clusters.find(({ name }) => name === 'staging')!;
    staging.components = { ...staging.components, add: [...staging.components.add, 'demo'] };
    expect(() => resolveFresh(withDemo)).toThrow(/port 30080\/TCP.*is asked for by demo-apps and demo of cluster "staging"/);
  });
});

describe('an object', () => {
  const map = (namespace: string, name = 'settings') => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
  const owner = (id: string, ...objects: readonly object[]) => fake(id, { resources: () => objects as never });

  test('is made by one component only, by its kind, namespace and name', () => {
    expect(() => resolveWith([net, owner('a', map('x')), owner('b', map('x'))])).toThrow(
      /ConfigMap x\/settings.*is asked for by a and b.*another name, in components\/b\.ts/,
    );
    const others = [map('y'), map('x', 'other'), { ...map('x'), kind: 'Secret' }, { ...map('x'), apiVersion: 'example.org/v1' }];
    expect(resolveWith([net, owner('a', map('x')), owner('b', ...others)]).clusters).toHaveLength(2);
  });

  test('that is in no namespace is one in the whole cluster', () => {
    const role = (namespace: object) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'all', ...namespace },
    });
    expect(() => resolveWith([net, owner('a', role({})), owner('b', role({}))])).toThrow('ClusterRole.rbac.authorization.k8s.io all');
  });
});

test('what the catalog would ask for twice is known: only those two are never in one cluster', () => {
  const fleets = ['trio', 'tart', 'kind', 'ha', 'lab'].map((name) => resolveFresh(load(name)));
  const all = new Map(
    fleets.flatMap(({ clusters }) => clusters.flatMap(({ components }) => components.map((one) => [one.id, one] as const))),
  );
  const claims = [...all.values()].flatMap((component) => claimed(component).map((what) => ({ what, by: component.id })));
  const ours = new Set(catalog.map(({ id }) => id));
  expect(collisions(claims.filter(({ by }) => ours.has(by))).map(({ what, by }) => `${what}: ${by.join(', ')}`)).toEqual([
    'port 30080/TCP: demo, demo-apps',
  ]);
});
