import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documentsOf } from '../../artifacts/charts/helm';
import { beforehand, clashes, renderedClaims } from '../../chart-lint/collisions';
import { objectsOf } from '../../chart-lint/conform';
import { verifyCharts } from '../../chart-lint/verify';
import type { Manifest } from '../../components/define';
import { fixture, fleetOf } from '../support/fixture-fleet';

const mirror = mkdtempSync(join(tmpdir(), 'flotilla-collisions-'));
symlinkSync(fixture, join(mirror, 'fixture-1.2.3'));
afterAll(() => rmSync(mirror, { recursive: true }));

type Owner = Parameters<typeof renderedClaims>[0];
const owner = (id: string, more: Partial<Owner> = {}): Owner => ({
  id,
  namespace: { name: id, podSecurity: 'baseline' },
  resources: [],
  secrets: [],
  ...more,
});
const text = (source: string, ...objects: readonly object[]): string =>
  objects.map((object) => `---\n# Source: ${source}\n${JSON.stringify(object)}\n`).join('');
const object = (kind: string, name: string, more = {}) => ({ apiVersion: 'v1', kind, metadata: { name }, ...more });
const claimsIn = (component: Owner, rendered: string, wide: ReadonlySet<string>) => {
  const documents = documentsOf(rendered);
  return renderedClaims(component, documents, objectsOf(documents) as Readonly<Record<string, unknown>>[], wide);
};
const found = (...releases: readonly (readonly [Owner, string])[]): readonly string[] =>
  clashes(releases.flatMap(([component, rendered]) => claimsIn(component, rendered, new Set(['Boat'])))).map(
    ({ what, by }) => `${what}: ${by.join(', ')}`,
  );

test('two releases that render the same port or the same object are found, and nothing else', () => {
  const port = (protocol: string) => object('Service', 'web', { spec: { ports: [{ port: 80, nodePort: 30001, protocol }] } });
  const [a, b] = [owner('a'), owner('b')];
  expect(found([a, text('a/templates/x.yaml', port('TCP'))], [b, text('b/templates/x.yaml', port('TCP'))])).toEqual([
    'port 30001/TCP: a, b',
  ]);
  expect(found([a, text('a/templates/x.yaml', port('TCP'))], [b, text('b/templates/x.yaml', port('UDP'))])).toEqual([]);

  const inOne = { namespace: { name: 'one', podSecurity: 'baseline' } } as const;
  const map = text('a/templates/x.yaml', object('ConfigMap', 'settings'));
  expect(found([a, map], [b, map])).toEqual([]);
  expect(found([owner('a', inOne), map], [owner('b', inOne), map])).toEqual(['ConfigMap one/settings: a, b']);
  // In no namespace: as Kubernetes knows, and as a definition says.
  const wide = text('a/templates/x.yaml', object('StorageClass', 'fast'), object('Boat', 'ark'));
  expect(found([a, wide], [b, wide])).toEqual(['StorageClass fast: a, b', 'Boat ark: a, b']);
  // A hook is gone when the next release comes.
  const hook = text('a/templates/x.yaml', {
    ...object('Job', 'x'),
    metadata: { name: 'x', namespace: 'one', annotations: { 'helm.sh/hook': 'pre-install' } },
  });
  expect(found([a, hook], [b, hook])).toEqual([]);
});

test('a definition: Helm leaves alone what a chart has in crds/, and insists on what is among its templates', () => {
  const crd = (source: string) =>
    `---\n# Source: ${source}\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: boats.example.org\n`;
  const [first, beside, template] = [crd('a/crds/boats.yaml'), crd('b/charts/c/crds/boats.yaml'), crd('a/templates/crds/boats.yaml')];
  const [a, b] = [owner('a'), owner('b')];
  expect(found([a, first], [b, beside])).toEqual([]);
  expect(found([a, template], [b, beside])).toEqual([]);
  expect(found([a, first], [b, template])).toEqual(['CustomResourceDefinition boats.example.org: a, b']);
  expect(found([a, template], [b, template])).toHaveLength(1);
});

test('pods on every node do not take the same port of the host', () => {
  const daemons = (port: number, pod = {}) =>
    text('a/templates/x.yaml', {
      ...object('DaemonSet', `on-${port}`),
      spec: { template: { spec: { hostNetwork: true, containers: [{ ports: [{ containerPort: port }] }], ...pod } } },
    });
  const [a, b] = [owner('a'), owner('b')];
  expect(found([a, daemons(9100)], [b, daemons(9100)])).toEqual(['port 9100/TCP of the host: a, b']);
  expect(found([a, daemons(9100)], [b, daemons(9101)])).toEqual([]);
  // A sidecar keeps its port, an init container that ends does not.
  const starting = (more: object) => daemons(1, { initContainers: [{ ports: [{ containerPort: 9100 }], ...more }] });
  expect(found([a, daemons(9100)], [b, starting({ restartPolicy: 'Always' })])).toEqual(['port 9100/TCP of the host: a, b']);
  expect(found([a, daemons(9100)], [b, starting({})])).toEqual([]);
  expect(found([a, daemons(9100)], [b, daemons(9100, { hostNetwork: false })])).toEqual([]);
  expect(found([a, daemons(9100)], [b, daemons(9100, { nodeSelector: { 'kubernetes.io/os': 'windows' } })])).toEqual([]);
});

test('a chart that renders what is there before it is found, but for a Secret that is laid down as its own', () => {
  const secret = { name: 'keys', keys: { a: 'b' } };
  const rendered = text('a/templates/x.yaml', object('Secret', 'keys'), object('Namespace', 'a'));
  const told = (component: Owner) =>
    clashes([...beforehand([component]), ...claimsIn(component, rendered, new Set())]).map(({ what }) => what);
  expect(told(owner('a', { secrets: [secret] }))).toEqual(['Namespace a', 'Secret a/keys']);
  expect(told(owner('a', { secrets: [{ ...secret, helmOwned: true }] }))).toEqual(['Namespace a']);
  expect(told(owner('a', { namespace: { name: 'kube-system', podSecurity: null } }))).toEqual([]);
});

test('`charts verify` says it of the release that comes second, also where one of the two has no chart', async () => {
  const service = { ...object('Service', 'web'), spec: { ports: [{ port: 80, nodePort: 30001 }] } };
  const model = fleetOf({}, [], '1.2.3');
  const [cluster] = model.clusters;
  const [thing] = cluster!.components;
  const other = {
    ...thing!,
    id: 'other',
    namespace: { ...thing!.namespace, name: 'other' },
    chart: null,
    resources: [service as unknown as Manifest],
  };
  const verify = (components: readonly (typeof other | typeof thing)[]) =>
    verifyCharts({
      model: { ...model, clusters: [{ ...cluster!, components: components as never }] },
      mirrors: [mirror],
      render: async () => ({ text: text('fixture/templates/x.yaml', service), error: null }),
      conform: null,
    });
  expect((await verify([thing, other])).findings).toEqual([
    { release: 'one/other', kind: 'collision', text: 'port 30001/TCP: thing has it too' },
  ]);
  expect((await verify([thing])).findings).toEqual([]);
});
