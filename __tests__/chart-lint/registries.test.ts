import { imageRegistries, imagesNamedIn, registryOf } from '../../chart-lint/registries';
import { imageUpstreams } from '../../config/sources';
import { configMap, fleet, workload } from './rendered';

test.each([
  ['redis:8', 'docker.io'],
  ['library/redis:8', 'docker.io'],
  ['index.docker.io/library/redis:8', 'docker.io'],
  ['ecr-public.aws.com/docker/library/redis:8', 'ecr-public.aws.com'],
  ['localhost/a:1', 'localhost'],
  ['registry:5000/a:1', 'registry:5000'],
  ['mirror.gcr.io/', 'mirror.gcr.io'],
])('%s comes from %s', (image, registry) => expect(registryOf(image)).toBe(registry));

const pod = {
  containers: [{ name: 'a', image: 'docker.io/a/a:1', args: ['--reloader=quay.io/a/reloader:v1', '--url=http://a.example.org/b:c'] }],
  initContainers: [{ name: 'b', image: 'reg.kyverno.io/kyverno/kyvernopre:v1' }],
  ephemeralContainers: [{ name: 'c', image: 'us-docker.pkg.dev/a/c:1' }],
};

test('images of every container, of flags, of custom objects and of configuration files are found', () => {
  expect(imagesNamedIn(workload('Deployment', 'web', pod))).toEqual([
    'docker.io/a/a:1',
    'reg.kyverno.io/kyverno/kyvernopre:v1',
    'us-docker.pkg.dev/a/c:1',
    'quay.io/a/reloader:v1',
  ]);
  expect(imagesNamedIn({ kind: 'K8sGPT', spec: { repository: 'ghcr.io/a/b', version: 'v1' } })).toEqual(['ghcr.io/a/b']);
  expect(
    imagesNamedIn(
      configMap({ 'trivy.repository': 'mirror.gcr.io/a/b', 'trivy.dbRegistry': 'mirror.gcr.io', 'x.imageRef': 'ghcr.io/a/c:1' }),
    ),
  ).toEqual(['mirror.gcr.io/a/b', 'mirror.gcr.io/', 'ghcr.io/a/c:1']);
  expect(
    imagesNamedIn(configMap({ values: JSON.stringify({ global: { hub: 'registry.istio.io/release', proxy: { image: 'auto' } } }) })),
  ).toEqual(['registry.istio.io/release']);
});

test('what only looks like an image is none, and images that nodes make themselves need no registry', () =>
  expect(
    imagesNamedIn({
      kind: 'Thing',
      metadata: { labels: { 'example.org/hub': 'a.example.org' } },
      spec: {
        url: 'https://a.example.org/b:c',
        host: 'a.example.org',
        github: 'github.example.org',
        script: 'a.example.org/b:1\nc',
        image: 'flotilla.internal/bridge-cni:1',
      },
    }),
  ).toEqual([]));

const rendered = fleet(workload('Deployment', 'web', { containers: [{ image: 'quay.io/a/a:1' }, { image: 'redis:8' }] }));

test('registries with a cache on the host are fine everywhere, and are named', () => {
  const found = imageRegistries(rendered, imageUpstreams, false);
  expect(found.faults).toEqual([]);
  expect(found.checked).toEqual(['images of 2 registries: docker.io, quay.io; 2 with a cache on the host']);
});

test.each([
  ['a container', { containers: [{ image: 'ecr-public.example.org/docker/library/redis:8' }] }],
  ['an init container', { containers: [], initContainers: [{ image: 'ecr-public.example.org/docker/library/redis:8' }] }],
])('mutation: a registry without a cache is found where machines reach only their host, also of %s', (_, spec) => {
  const clusters = fleet(workload('Deployment', 'cache', spec));
  expect(imageRegistries(clusters, imageUpstreams, false).faults).toEqual([
    {
      release: 'hub/shop',
      text: expect.stringMatching(
        /^images of ecr-public\.example\.org \(ecr-public\.example\.org\/docker\/library\/redis:8; hub\/shop\): the host has no cache/,
      ),
    },
  ]);
  expect(imageRegistries(clusters, imageUpstreams, true)).toMatchObject({ faults: [], checked: [expect.stringContaining('do not need')] });
});

test('every image of a registry without a cache is listed, in whichever release', () => {
  const clusters = fleet(
    workload('Deployment', 'scan', { containers: [{ image: 'mirror.example.org/a/scan:1' }, { image: 'mirror.example.org/a/db:2' }] }),
  );
  expect(imageRegistries(clusters, imageUpstreams, false).faults.map(({ text }) => text)).toEqual([
    expect.stringContaining('(mirror.example.org/a/scan:1, mirror.example.org/a/db:2; hub/shop)'),
  ]);
});
