import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pinnedCharts, usersOf } from '../../artifacts/charts/lock';
import { sampleContexts } from '../../artifacts/charts/sample-context';
import { pluralOf, standInPlan } from '../../artifacts/charts/stubs';
import type { StandInPlan } from '../../artifacts/stub-chart';
import { stagedCharts } from '../../artifacts/versions';
import { catalog } from '../../components';
import type { Component, Manifest } from '../../components/define';

const root = resolve(__dirname, '../..');
const readFile = (path: string): string => readFileSync(join(root, path), 'utf8');
const contexts = sampleContexts(readFile);
const contextOf = ({ roles }: Component) => contexts.filter(({ cluster }) => roles.length === 0 || roles.includes(cluster.role));
const resourcesOf = (component: Component): readonly Manifest[] =>
  contextOf(component).flatMap((context) => component.resources?.(context) ?? []);

const plans = pinnedCharts()
  .filter(({ name, version }) => stagedCharts[name] !== version)
  .map((pin) => standInPlan(pin));

/** Groups that Kubernetes brings itself. */
const isBuiltIn = (group: string): boolean =>
  !group.includes('.') ||
  /^(networking|rbac\.authorization|storage|admissionregistration|apiregistration|scheduling|node|coordination|discovery|certificates)\.k8s\.io$/.test(
    group,
  );

/** Objects of ours that no definition of a stand-in would take. */
function homeless(given: readonly StandInPlan[]): readonly string[] {
  const served = new Set(
    given.flatMap(({ crds }) => crds.flatMap(({ group, kind, versions }) => versions.map((version) => `${group}/${version} ${kind}`))),
  );
  const brought = new Set(catalog.flatMap(({ chart, crds = [] }) => (chart === undefined ? crds : [])));
  return catalog.flatMap((component) =>
    resourcesOf(component).flatMap(({ apiVersion, kind }) => {
      const group = apiVersion.split('/')[0]!;
      const builtIn = !apiVersion.includes('/') || isBuiltIn(group) || brought.has(`${pluralOf(kind)}.${group}`);
      return builtIn || served.has(`${apiVersion} ${kind}`) ? [] : [`${component.id}: ${apiVersion} ${kind}`];
    }),
  );
}

test('every object of ours finds a definition of its version', () => expect([...new Set(homeless(plans))]).toEqual([]));

test('sabotage: a definition without the version that we write is found', () => {
  const victim = plans.find(({ crds }) =>
    crds.some(({ kind }) => catalog.some((component) => resourcesOf(component).some((object) => object.kind === kind))),
  )!;
  const lame = { ...victim, crds: victim.crds.map((crd) => ({ ...crd, versions: ['v0'] })) };
  expect(homeless(plans.map((plan) => (plan === victim ? lame : plan)))).not.toEqual([]);
});

/** Gates that nothing would ever open on stand-ins. */
function stuck(component: Component, given: readonly StandInPlan[]): readonly string[] {
  const workloads = given
    .flatMap((plan) => Object.values(plan.workloads).flat())
    .map(({ kind, namespace, name }) => `${namespace} ${kind.toLowerCase()}/${name}`);
  const definitions = given.flatMap(({ crds }) => crds);
  return (component.ready ?? []).flatMap((condition) => {
    if (condition.kind === 'nodes-ready') return (component.provides ?? []).includes('cni') ? [] : ['nodes-ready'];
    const [kind = '', name = ''] = condition.resource.split('/');
    if (condition.kind === 'rollout' || /^deployment/.test(kind))
      return workloads.includes(`${condition.namespace ?? component.namespace.name} ${condition.resource}`) ? [] : [condition.resource];
    if (/^(crd|customresourcedefinition)/.test(kind))
      return (component.crds ?? []).includes(name) ? [] : [`${condition.resource} is not among its crds`];
    const definition = definitions.find(({ kind: known, plural, group }) =>
      [known.toLowerCase(), plural, `${plural}.${group}`, `${known.toLowerCase()}.${group}`].includes(kind),
    );
    const made = resourcesOf(component).some(({ kind: known, metadata }) => known === definition?.kind && metadata.name === name);
    return definition?.conditions.includes(condition.condition) && made ? [] : [`${condition.resource} ${condition.condition}`];
  });
}

const gated = catalog.filter(
  ({ chart, crds = [], ready = [] }) =>
    (chart === undefined ? crds.length : stagedCharts[chart.name] !== chart.version) && ready.length > 0,
);
test.each(gated.map((component) => [component.id, component] as const))('%s: each of its gates opens on stand-ins', (_, component) =>
  expect(stuck(component, plans)).toEqual([]),
);

test('sabotage: a gate on what nobody makes is found', () => {
  const ready = [
    { kind: 'condition', resource: 'issuer.acme.example/none', condition: 'Ready' } as const,
    { kind: 'rollout', namespace: 'a', resource: 'job/none' } as const,
  ];
  expect(stuck({ ...gated[0]!, ready }, plans)).toHaveLength(2);
});

test('plurals are those of Kubernetes', () =>
  expect(['Gateway', 'NetworkPolicy', 'Ingress', 'Prometheus', 'HTTPRoute', 'PodMonitor', 'GatewayClass'].map(pluralOf)).toEqual([
    'gateways',
    'networkpolicies',
    'ingresses',
    'prometheuses',
    'httproutes',
    'podmonitors',
    'gatewayclasses',
  ]));

test('each chart is for some component', () => expect(pinnedCharts().filter((pin) => usersOf(pin).length === 0)).toEqual([]));
