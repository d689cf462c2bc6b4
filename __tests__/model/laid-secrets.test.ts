import { laidSecrets } from '../../model/laid-secrets';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { load, resolveFresh } from './lab';
import { fake, net, resolveWith, twoClusters } from './two-clusters';

/** What the keys of backups are called, by cluster and the Secret that holds them. */
const keysOf = (fleet: Pick<ResolvedFleet, 'clusters'>) =>
  fleet.clusters.flatMap(({ name: cluster, role, components }) =>
    components.flatMap(({ id, secrets }) =>
      (JSON.stringify(secrets).match(/object-store-velero[a-z0-9-]*-key/g) ?? []).map((key) => ({ cluster, role, id, key })),
    ),
  );

/** A key of backups that lies where it has no business: only with its own cluster, and with the store of the hub, which knows all. */
const strays = (fleet: Pick<ResolvedFleet, 'clusters'>): string[] => {
  const keys = keysOf(fleet);
  const own = (cluster: string) => keys.filter((one) => one.cluster === cluster && one.id === 'velero').map(({ key }) => key);
  return [
    ...keys
      .filter(({ id, cluster, role, key }) => !(key === `object-store-velero-${cluster}-key` || (id === 'seaweedfs' && role === 'hub')))
      .map(({ id, cluster, key }) => `${id} of ${cluster} has ${key}`),
    ...fleet.clusters.flatMap(({ name }) => (own(name).length === 1 ? [] : [`${name} has ${own(name).length} keys`])),
  ];
};

const trio = resolveFresh(load('trio'));

test('the key of a cluster to its backups lies in that cluster and with the store, and nowhere else', () => {
  expect(strays(trio)).toEqual([]);
  expect(new Set(keysOf(trio).map(({ key }) => key)).size).toBe(3);
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
