import { catalog } from '../../components';
import { applyChanges, type FleetChange } from '../../config/change';
import { laidSecrets } from '../../model/bootstrap-secrets';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { problemsOf } from '../../model/validate';
import { fromText, load, resolveFresh } from '../support/fleet-fixture';
import { fake, net, resolveWith, twoClusters } from '../support/two-clusters';

/** What the keys of the object stores are called, by cluster and the component that holds them. */
const keysOf = (fleet: Pick<ResolvedFleet, 'clusters'>) =>
  fleet.clusters.flatMap(({ name: cluster, role, components }) =>
    components.flatMap(({ id, secrets }) =>
      (JSON.stringify(secrets).match(/object-store-[a-z0-9-]+-key/g) ?? []).map((key) => ({ cluster, role, id, key })),
    ),
  );

/** A key of a store that lies where it has no business: only within its own cluster, and those to backups with the store of the hub too. */
const strays = (fleet: Pick<ResolvedFleet, 'clusters'>): string[] => {
  const keys = keysOf(fleet);
  const own = (cluster: string) => keys.filter((one) => one.cluster === cluster && one.id === 'velero').map(({ key }) => key);
  const inPlace = ({ id, cluster, role, key }: (typeof keys)[number]) =>
    key.endsWith(`-${cluster}-key`) || (id === 'seaweedfs' && role === 'hub' && key.startsWith('object-store-velero-'));
  return [
    ...keys.filter((one) => !inPlace(one)).map(({ id, cluster, key }) => `${id} of ${cluster} has ${key}`),
    ...fleet.clusters.flatMap(({ name }) => (own(name).length === 1 ? [] : [`${name} has ${own(name).length} keys`])),
  ];
};

const trio = resolveFresh(load('trio'));
const trioWith = (change: FleetChange) => fromText(JSON.stringify(applyChanges(load('trio').spec, [change])));
/** A cluster with a store of its own beside a hub with another one. */
const twoStores = resolveFresh(
  trioWith({
    path: ['clusters', 1],
    value: {
      ...load('trio').spec!.clusters[1],
      role: 'standalone',
      components: { add: ['cilium', 'velero', 'local-path', 'seaweedfs', 'loki'] },
    },
  }),
);

test.each([
  ['trio', trio, 7],
  ['two stores', twoStores, 11],
])(
  'a key of a store lies within its cluster, and that of backups with the store of the hub too, and nowhere else: %s',
  (_, fleet, many) => {
    expect(strays(fleet)).toEqual([]);
    expect(new Set(keysOf(fleet).map(({ key }) => key)).size).toBe(many);
  },
);

test('sabotage: the key to all backups, in the name of no cluster, is found in the other store', () => {
  const shared = JSON.parse(JSON.stringify(twoStores).replace(/object-store-admin-[a-z0-9]+-key/g, 'object-store-admin-key'));
  expect(strays(shared)).toContain('seaweedfs of app1 has object-store-admin-key');
});

test('no agent gets what serves the fleet: its pods would be asked in place of those of the hub', () => {
  const serving = catalog.filter(({ serves }) => serves !== undefined).map(({ id }) => id);
  expect(serving).toEqual(expect.arrayContaining(['seaweedfs', 'vault', 'thanos', 'loki', 'tempo']));
  for (const id of [...serving, 'grafana', 'keycloak']) {
    const problems = problemsOf({ fleet: trioWith({ path: ['clusters', 1, 'components', 'add'], value: ['demo', id] }) });
    expect([id, problems.map((problem) => problem.id)]).toEqual([id, expect.arrayContaining(['forbidden-role'])]);
  }
});

test.each([
  ['one key for all', /object-store-velero-[a-z0-9]+-key/g, 'object-store-velero-key'],
  ["another cluster's key", /object-store-velero-app1-key/g, 'object-store-velero-app2-key'],
])('sabotage: %s is found', (_, key, other) => {
  const spoilt = JSON.parse(JSON.stringify(trio).replace(key, other));
  expect(strays(spoilt).length).toBeGreaterThan(0);
});

test('each cluster keeps its backups in a bucket and as a user of its own name', () => {
  for (const { name, components } of trio.clusters) {
    const { secrets, values } = components.find(({ id }) => id === 'velero')!;
    expect(secrets[0]!.keys.cloud).toContain(`aws_access_key_id = velero-${name}\n`);
    expect(JSON.stringify(values)).toContain(`"bucket":"velero-${name}"`);
  }
});

const store = fake('store', {
  secrets: [
    { name: 'users', type: 'mine', keys: { list: ['[', { perClient: '<{cluster}:{key-of-{cluster}}>' }, ']'], own: '{cluster} {word}' } },
  ],
});
const laid = (cluster: string) =>
  resolveWith([net, store])
    .clusters.find(({ name }) => name === cluster)!
    .components.find(({ id }) => id === 'store')!.secrets;

test('a part per client stands once for each: on a hub for itself and every agent, elsewhere for itself', () => {
  expect(laid('center')).toEqual([
    { name: 'users', type: 'mine', keys: { list: '[<center:{key-of-center}><edge:{key-of-edge}>]', own: 'center {word}' } },
  ]);
  expect(laid('edge')[0]!.keys.list).toBe('[<edge:{key-of-edge}>]');
  expect(laidSecrets({ id: 'none' }, { cluster: { name: 'none' } } as never)).toEqual([]);
});

test('one cluster more changes what the store gets', () => {
  const { clusters, ...fleet } = twoClusters();
  const third = { ...clusters[1]!, name: 'third', id: 3, nodes: [{ name: 'third-1', role: 'control-plane' as const, memoryMiB: 2048 }] };
  const users = resolveWith([net, store], { ...fleet, clusters: [...clusters, third] }).clusters[0]!.components.find(
    ({ id }) => id === 'store',
  )!;
  expect(users.secrets[0]!.keys.list).toContain('<third:');
});
