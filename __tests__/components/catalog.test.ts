import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { podImages } from '../../artifacts/pod-images';
import { versions } from '../../artifacts/versions';
import { catalog } from '../../components';
import { type Component, type ComponentContext, defineComponent, type Manifest, slots } from '../../components/define';
import { kubernetesPin } from '../../config/kubernetes-versions';
import { leasedNames } from '../../model/dynamic-address';
import { fillers, installOrder } from '../../model/install-order';
import { isValues } from '../../model/merge-values';
import { staticValues } from '../../model/resolve-components';
import { type Json, load, readFile, resolveFresh, root } from '../support/fleet-fixture';

const files = (folder: string, ending: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();

const nodes = [{ name: 'hub-cp-1', role: 'control-plane', address: '10.77.0.11', cpus: 2, memoryMiB: 4096, diskGiB: 40 }] as const;
const hub = {
  name: 'hub',
  id: 1,
  role: 'hub',
  podCidr: '10.101.0.0/16',
  serviceCidr: '10.201.0.0/16',
  api: { name: 'hub.k8s.flotilla.internal', port: 6443 },
  nodes,
} as const;
const context: ComponentContext = {
  cluster: hub,
  nodes,
  clusters: [hub],
  hub,
  has: () => true,
  domain: 'flotilla.internal',
  kubernetesVersion: '1.35.4',
  file: (path) => readFile(path) ?? '',
};

/** Kinds of objects that live in no namespace. */
const clusterWide = [
  'ClusterIssuer',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterSecretStore',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingPolicy',
];

const leaves = (value: unknown, path = ''): string[] =>
  isValues(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`))
    : [path];

test('every file is in the catalog under its own name, sorted', () => {
  const folders = readdirSync(join(root, 'components'), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'files',
  );
  const names = folders.flatMap(({ name }) => files(`components/${name}`, '.ts'));
  expect(catalog.map(({ id }) => id).sort()).toEqual(names.sort());
});

test('every file of values belongs to a component with a chart', () => {
  const charted = catalog.filter(({ chart }) => chart !== undefined).map(({ id }) => id);
  expect(files('values', '.yaml').filter((id) => !charted.includes(id))).toEqual([]);
});

test('the whole catalog has an order', () => {
  expect(installOrder(catalog)).toHaveLength(catalog.length);
});

test('each slot that a component needs can be filled', () => {
  const needed = catalog.flatMap(({ requires }) => (requires ?? []).filter((target) => typeof target === 'string'));
  expect(needed.filter((slot) => fillers(slot, catalog).length === 0)).toEqual([]);
  expect(needed.every((slot) => slots.includes(slot))).toBe(true);
});

test('fails: two component files that import each other', () => {
  const broken = { id: 'a', summary: '', roles: [], namespace: { name: 'a' }, requires: [undefined] } as unknown as Component;
  expect(() => defineComponent(broken)).toThrow(/"a": "requires" holds an undefined entry/);
});

test('no shared code names a component', () => {
  // The word stands for an address there.
  const ids = catalog.map(({ id }) => id).filter((id) => !leasedNames.includes(id));
  const sources = ['constructs', 'stacks', 'model', 'model/rules', 'config', 'machines'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .map((name) => join(root, folder, name))
      .filter((file) => file.endsWith('.ts') && statSync(file).isFile()),
  );
  const named = sources.filter((file) => ids.some((id) => new RegExp(`['"\`]${id}['"\`]`).test(readFileSync(file, 'utf8'))));
  expect(named).toEqual([]);
  expect(sources.length).toBeGreaterThan(20);
});

describe.each(catalog.map((component) => [component.id, component] as const))('%s', (id, component) => {
  const { namespace, chart, checks = [], ready = [], summary } = component;
  const resources = component.resources?.(context) ?? [];

  test('is frozen, says what it is, and has its keys in the order of the design', () => {
    const order =
      'id summary roles never namespace insteadOf chart provides replaces requires after reaches serves traffic needs crds requests buffers secrets timeoutSeconds fixed values resources steps links ready checks'.split(
        ' ',
      );
    expect(Object.keys(component)).toEqual(order.filter((key) => key in component));
    expect(Object.isFrozen(component) && summary.length > 0 && !summary.endsWith('.')).toBe(true);
  });

  test('pins its chart exactly', () => expect(chart?.version ?? '1.0.0').toMatch(/^v?\d+\.\d+\.\d+$/));

  test('brings a chart or objects', () => expect(chart !== undefined || resources.length > 0).toBe(true));

  test('sets no value both in its file and in code', () => {
    const computed = new Set(leaves(component.values?.(context) ?? {}));
    expect(leaves(staticValues(id, readFile)).filter((leaf) => leaf !== '' && computed.has(leaf))).toEqual([]);
  });

  test('has checks with a hint each, and a gate where others wait for it', () => {
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.every(({ description, command, hint }) => description !== '' && command.length > 0 && hint !== '')).toBe(true);
    if ((component.provides ?? []).length > 0) expect(ready.length).toBeGreaterThan(0);
  });

  test('says the pod security of its namespace, unless Kubernetes makes that', () => {
    expect(namespace.podSecurity === undefined).toBe(['kube-system', 'default'].includes(namespace.name));
  });

  test('its objects live in its namespace, are named once, and hold plain data', () => {
    for (const { kind, metadata } of resources) expect(metadata.namespace).toBe(clusterWide.includes(kind) ? undefined : namespace.name);
    const names = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(JSON.parse(JSON.stringify(resources))).toEqual(resources);
  });

  test('its pods name images with registry and tag, and obey the pod security that it asks for', () => {
    for (const pod of resources.flatMap(podsOf)) {
      for (const container of pod.containers) {
        expect(container.image).toMatch(/^[^/]+\.[^/]+\/.+:[^:]+$/);
        expect(container.image).not.toMatch(/:latest$/);
        expect(container.resources.requests).toMatchObject({ cpu: expect.any(String), memory: expect.any(String) });
        if (namespace.podSecurity === 'restricted') {
          expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
          expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        }
      }
    }
  });

  test('what it mounts, selects and refers to is there', () => {
    const maps = resources.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
    for (const resource of resources) {
      const claims = ((resource.spec as Json)?.volumeClaimTemplates ?? []).map(({ metadata }: Manifest) => metadata.name);
      for (const pod of podsOf(resource)) {
        const volumes = [...pod.volumes.map(({ name }: Json) => name), ...claims];
        expect(pod.volumes.every(({ configMap }: Json) => configMap === undefined || maps.includes(configMap.name))).toBe(true);
        expect(
          pod.containers.flatMap(({ volumeMounts }: Json) => volumeMounts).filter(({ name }: Json) => !volumes.includes(name)),
        ).toEqual([]);
        expect((resource.spec as Json).template.metadata.labels).toMatchObject((resource.spec as Json).selector.matchLabels);
      }
    }
  });
});

test('an edited program rolls its pods out, an unedited one does not', () => {
  const rendered = (edit: string) =>
    JSON.stringify(
      catalog.map(({ resources }) => resources?.({ ...context, file: (path) => `${context.file(path)}${edit}` }).flatMap(annotationsOf)),
    );
  expect(rendered('')).toBe(rendered(''));
  expect(rendered('# edited')).not.toBe(rendered(''));
  expect(
    catalog
      .flatMap(({ resources }) => resources?.(context) ?? [])
      .filter(({ kind }) => ['DaemonSet', 'Deployment', 'StatefulSet'].includes(kind))
      .filter((workload) => podsOf(workload).some(({ volumes }) => volumes.some(({ configMap }: Json) => configMap !== undefined)))
      .every((workload) => annotationsOf(workload).length > 0),
  ).toBe(true);
});

test('no program that runs in a pod overrides kubectl: any such flag makes it forget the service account and ask localhost:8080', () => {
  const asked = new Set<string>();
  const file = (path: string) => {
    asked.add(path);
    return context.file(path);
  };
  for (const { resources } of catalog) resources?.({ ...context, file });
  const overriding = /kubectl\b[^|\n]*--(request-timeout|server|token|context|cluster|user|insecure)/;
  expect([...asked].filter((path) => overriding.test(context.file(path)))).toEqual([]);
  expect(asked.size).toBeGreaterThan(3);
});

test('every component is in some fleet, but for what is nothing without a value that a person brings', () => {
  const asks = catalog.filter(({ secrets = [] }) => JSON.stringify(secrets).includes('.brought}')).map(({ id }) => id);
  const used = files('fleets', '.yaml').flatMap((fleet) =>
    resolveFresh(load(fleet)).clusters.flatMap(({ components }) => components.map(({ id }) => id)),
  );
  expect(catalog.map(({ id }) => id).filter((id) => !used.includes(id))).toEqual(asks);
  expect(asks).toEqual(['alert-slack', 'alert-webhook']);
});

test('what the demo claims from is what the storage component makes', () => {
  const made = Object.keys(staticValues('local-path', readFile).storageClassConfigs as object);
  const demo = catalog.find(({ id }) => id === 'demo')!.resources!(context);
  const claimed = demo.flatMap(({ spec }) => (spec as Json)?.volumeClaimTemplates ?? []).map(({ spec }: Json) => spec.storageClassName);
  expect(claimed.sort()).toEqual(made.sort());
});

test('the offline phase makes every image and chart that the catalog names, at that version', () => {
  const made = podImages.map(({ repository, tag }) => `${repository}:${tag}`);
  const { etcd, coredns, pause } = kubernetesPin('1.35', 'offline')!;
  const { repository, tag } = staticValues('metrics-server', readFile).image as Record<string, string>;
  expect(repository).toBeUndefined();
  const storage = staticValues('local-path', readFile) as Json;
  const named = [
    ...catalog
      .flatMap(({ resources }) => resources?.(context) ?? [])
      .flatMap(podsOf)
      .flatMap(({ containers }) => containers.map(({ image }: Json) => image)),
    `${storage.image.repository}:${storage.image.tag}`,
    `${storage.helperImage.repository}:${storage.helperImage.tag}`,
    `registry.k8s.io/metrics-server/metrics-server:${tag}`,
    `registry.k8s.io/etcd:${etcd}`,
    `registry.k8s.io/coredns/coredns:${coredns}`,
    `registry.k8s.io/pause:${pause}`,
  ].map((image: string) => image.slice(image.indexOf('/') + 1));
  expect(named.filter((image) => !made.includes(image))).toEqual([]);
  expect(`v${kubernetesPin('1.35', 'offline')!.kubernetes}`).toBe(versions.kubernetes);
});

function podsOf({ spec }: Manifest): Json[] {
  const pod = (spec as Json)?.template?.spec;
  return pod === undefined ? [] : [pod];
}

function annotationsOf({ spec }: Manifest): unknown[] {
  return Object.values((spec as Json)?.template?.metadata?.annotations ?? {});
}
