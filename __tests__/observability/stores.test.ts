import { catalog } from '../../components';
import type { Json } from '../support/fleet-fixture';
import { component, contextOf, valuesOf } from '../support/observability-clusters';

const secretOf = (id: string) => component(id).secrets![0]!;

test('each finds the Secret that is laid down for it, under the keys that it reads', () => {
  const hub = contextOf('hub');
  const { objstore } = valuesOf('thanos', hub).global;
  expect([objstore.secretName, [objstore.secretKey]]).toEqual([secretOf('thanos').name, Object.keys(secretOf('thanos').keys)]);
  expect(valuesOf('loki', hub).singleBinary.extraEnvFrom).toEqual([{ secretRef: { name: secretOf('loki').name } }]);
  expect(valuesOf('tempo', hub).tempo.extraEnvFrom).toEqual([{ secretRef: { name: secretOf('tempo').name } }]);
  const { admin } = valuesOf('grafana', hub);
  expect([admin.existingSecret, [admin.userKey, admin.passwordKey]]).toEqual([
    secretOf('grafana').name,
    Object.keys(secretOf('grafana').keys),
  ]);
  const { configuration, credentials } = valuesOf('velero', hub);
  expect(credentials.existingSecret).toBe(secretOf('velero').name);
  expect(configuration.backupStorageLocation[0].credential).toEqual({
    name: secretOf('velero').name,
    key: Object.keys(secretOf('velero').keys)[0],
  });
});

test('what Loki and Tempo expect in their environment is in their Secrets', () => {
  for (const id of ['loki', 'tempo']) {
    const named = [...JSON.stringify(valuesOf(id, contextOf('hub'))).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
    expect(named.sort()).toEqual(Object.keys(secretOf(id).keys).sort());
  }
});

test('each has a bucket and a user in the object store, and the key of that user', () => {
  const store = catalog.find(({ provides }) => provides?.includes('object-store'))!;
  const users = JSON.stringify(store.secrets);
  for (const id of ['thanos', 'loki', 'tempo']) {
    const key = `{object-store-${id}-{cluster}-key}`;
    expect(Object.values(secretOf(id).keys).join('')).toContain(key);
    expect(users).toContain(key);
    expect(Object.values(secretOf(id).keys).join('')).toContain(id);
    expect(JSON.stringify(valuesOf(store.id, contextOf('hub')))).toContain(`"${id}"`);
  }
});

test('each speaks to the store by the name that it has for the fleet', () => {
  const { serves, namespace } = catalog.find(({ provides }) => provides?.includes('object-store'))!;
  const there = `${serves![0]!.name}.${namespace.name}.svc:${serves![0]!.port}`;
  const asked = ['loki', 'tempo', 'velero'].map((id) => JSON.stringify(valuesOf(id, contextOf('hub'))));
  for (const text of [...asked, secretOf('thanos').keys['objstore.yml']]) expect(text).toContain(there);
});

test('every service of the fleet that one of ours calls is served on that port', () => {
  const served = catalog.flatMap(({ serves = [], namespace }) => serves.map(({ name, port }) => `${name}.${namespace.name}.svc:${port}`));
  const called = catalog.flatMap(({ id }) => {
    const values = ['hub', 'agent'].map((role) => JSON.stringify(valuesOf(id, contextOf(role as 'hub' | 'agent'))));
    return [...values.join('').matchAll(/[a-z0-9-]+-fleet\.[a-z-]+\.svc:\d+/g)].map(([name]) => name);
  });
  expect(called.length).toBeGreaterThan(6);
  expect(called.filter((name) => !served.includes(name))).toEqual([]);
});

test('backups of each cluster have a bucket of their own, and never hold the backups themselves', () => {
  for (const role of ['hub', 'agent'] as const) {
    const { configuration, schedules } = valuesOf('velero', contextOf(role)) as Json;
    expect(configuration.backupStorageLocation[0].bucket).toBe(`velero-${contextOf(role).cluster.name}`);
    const { excludedNamespaces } = schedules['daily-full-backup'].template;
    expect(excludedNamespaces).toContain('object-store');
    // Keys of other clusters and repositories stay on the hub.
    expect(excludedNamespaces.includes('argocd')).toBe(role === 'agent');
    expect(Object.keys(schedules)).toEqual(['daily-full-backup', 'hourly-critical-backup']);
  }
});

/** What the hourly backup of the platform would leave out of what cannot be made again. */
const lost = (of: (id: string) => Json): string[] => {
  const { includedNamespaces } = of('velero').schedules['hourly-critical-backup'].template;
  const volumes: Readonly<Record<string, Json>> = {
    vault: of('vault').server.annotations,
    keycloak: of('keycloak').postgres.podAnnotations,
  };
  return Object.entries(volumes).flatMap(([namespace, annotations]) => [
    ...(includedNamespaces.includes(namespace) ? [] : [namespace]),
    ...(annotations['backup.velero.io/backup-volumes'] === 'data' ? [] : [`the volume of ${namespace}`]),
  ]);
};

test('the hourly backup of the hub has the volumes in which Vault and Keycloak keep everything', () => {
  const hub = (id: string): Json => structuredClone(valuesOf(id, contextOf('hub')));
  expect(lost(hub)).toEqual([]);
  const careless = (id: string): Json => {
    const values = hub(id);
    if (id === 'vault') delete values.server.annotations['backup.velero.io/backup-volumes'];
    if (id === 'velero') values.schedules['hourly-critical-backup'].template.includedNamespaces = ['vault'];
    return values;
  };
  expect(lost(careless)).toEqual(['the volume of vault', 'keycloak']);
  // A hook is one list of words in JSON, or Velero takes all of it for the name of a program.
  const { 'pre.hook.backup.velero.io/command': dump } = hub('keycloak').postgres.podAnnotations;
  expect(JSON.parse(dump).at(-1)).toContain('pg_dumpall');
});

test('a tenant each: the backlog of one cluster is never too late because of another', () => {
  const tenants = (['hub', 'agent'] as const).map((role) => {
    const [target] = valuesOf('kube-prometheus-stack', contextOf(role)).prometheus.prometheusSpec.remoteWrite;
    return target.headers['THANOS-TENANT'];
  });
  expect(tenants).toEqual(['mgmt', 'app1']);
  const { tenancyHeader, extraArgs } = valuesOf('thanos', contextOf('hub')).receive;
  expect(tenancyHeader).toBe('THANOS-TENANT');
  expect(extraArgs.join(' ')).toMatch(/--tsdb.out-of-order.time-window=24h/);
});

test('policies for workloads are nowhere on a hub', () => {
  const onHubs = catalog.filter(({ roles }) => roles.includes('hub')).map(({ id }) => id);
  expect(onHubs.filter((id) => id.startsWith('kyverno'))).toEqual([]);
  expect(['kyverno', 'kyverno-policies'].map((id) => component(id).never)).toEqual([['hub'], ['hub']]);
  const scopes = component('kyverno-policies').resources!(contextOf('agent')).map(
    ({ spec }: Json) => spec.matchConstraints.namespaceSelector,
  );
  // What Kyverno is asked about at all is what the policies are about.
  expect(
    scopes.every(
      (scope) => JSON.stringify(scope) === JSON.stringify(valuesOf('kyverno', contextOf('agent')).config.webhooks.namespaceSelector),
    ),
  ).toBe(true);
});
