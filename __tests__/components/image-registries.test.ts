import { readdirSync } from 'node:fs';
import { catalog } from '../../components';
import { imageUpstreams } from '../../config/sources';
import { staticValues } from '../../model/resolve-components';
import { type Json, readFile, root } from '../support/fleet-fixture';
import { contextOf } from '../support/observability-clusters';

/** Registries that charts name by default and that no values change, as rendered on 2026-12-01; `flotilla charts verify` looks at the charts themselves. */
const ofCharts: Readonly<Record<string, string>> = {
  goldilocks: 'us-docker.pkg.dev',
  'istio-base': 'registry.istio.io',
  'istio-cni': 'registry.istio.io',
  'istio-gateway': 'registry.istio.io',
  istiod: 'registry.istio.io',
};
/** Registries that charts name, that the host does not cache, and that values therefore replace. */
const replaced = ['ecr-public.aws.com', 'reg.kyverno.io', 'mirror.gcr.io'];

const host = (image: string): string | null => {
  const [first, ...rest] = image.split('/');
  return rest.length > 0 && /[.:]/.test(first!) ? first! : null;
};

/** Registries that values or objects name for images: `image: <name>`, or `registry` or `repository` of an `image`. */
function registriesIn(value: Json, isImage = false): string[] {
  if (Array.isArray(value)) return value.flatMap((inner) => registriesIn(inner));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]): string[] => {
    if (typeof inner !== 'string') return registriesIn(inner as Json, /^image$|Image$/.test(key));
    if (key === 'image' || (isImage && key === 'repository')) return [host(inner) ?? []].flat();
    return isImage && key === 'registry' ? [inner] : [];
  });
}

const cached = imageUpstreams.map(({ registry }) => registry);
const uncached = (registries: readonly string[]) => [...new Set(registries)].filter((registry) => !cached.includes(registry)).sort();
/** Made on each node, pulled from nowhere. */
const own = 'flotilla.internal';

test('every image in values comes from a registry that the host caches', () => {
  const named = readdirSync(`${root}/values`).flatMap((file) => registriesIn(staticValues(file.replace('.yaml', ''), readFile) as Json));
  expect(named.length).toBeGreaterThan(5);
  expect(uncached(named)).toEqual([]);
});

test('every image in objects of components comes from a registry that the host caches, except the image that nodes make themselves', () => {
  const objects = catalog.flatMap(({ resources }) => resources?.(contextOf('hub')) ?? []) as Json[];
  const named = objects.flatMap((object) => registriesIn(object));
  expect(named).toContain('docker.io');
  expect(uncached(named)).toEqual([own]);
});

test('the default registries of charts that no values replace are cached', () => {
  expect(uncached(Object.values(ofCharts))).toEqual([]);
  for (const id of Object.keys(ofCharts)) expect(registriesIn((staticValues(id, readFile) ?? {}) as Json)).toEqual([]);
});

test.each([
  ['argo-cd', ['redis', 'image', 'repository'], 'docker.io/library/redis'],
  ['kyverno', ['global', 'image', 'registry'], 'ghcr.io'],
  ['trivy-operator', ['image', 'registry'], 'ghcr.io'],
  ['trivy-operator', ['image', 'repository'], 'aquasecurity/trivy-operator'],
  ['trivy-operator', ['trivy', 'image', 'registry'], 'ghcr.io'],
  ['trivy-operator', ['policiesBundle', 'registry'], 'ghcr.io'],
  ['trivy-operator', ['policiesBundle', 'repository'], 'aquasecurity/trivy-checks'],
] as const)('the values of %s replace the registry of its chart: %s', (id, path, wanted) => {
  expect(path.reduce((value: Json, key) => value?.[key], staticValues(id, readFile) as Json)).toBe(wanted);
});

test('each registry has a different port, and the replaced ones are not listed', () => {
  expect(new Set(imageUpstreams.map(({ port }) => port)).size).toBe(imageUpstreams.length);
  expect(cached.filter((registry) => replaced.includes(registry))).toEqual([]);
});

test('mutation: an image from a registry without a cache is found in every form of values', () => {
  expect(uncached(registriesIn({ redis: { image: { repository: 'ecr-public.aws.com/docker/library/redis', tag: '8' } } }))).toEqual([
    'ecr-public.aws.com',
  ]);
  expect(uncached(registriesIn({ global: { image: { registry: 'reg.kyverno.io' } } }))).toEqual(['reg.kyverno.io']);
  expect(uncached(registriesIn({ spec: { containers: [{ image: 'mirror.gcr.io/aquasec/trivy:0.72.0' }] } }))).toEqual(['mirror.gcr.io']);
  expect(uncached(registriesIn({ helperImage: { repository: 'public.ecr.aws/docker/library/busybox' } }))).toEqual(['public.ecr.aws']);
});
