import type { Component, Manifest } from '../../components/define';
import { networkPolicies, type PolicyContext } from '../../model/network-policies';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { componentOf, fake, idsOf, net, resolveWith, safe } from '../support/two-clusters';

type Peer = { podSelector?: object; namespaceSelector?: { matchLabels: Record<string, string> } };
type Rule = { from?: Peer[]; to?: Peer[]; ports?: { port: number; protocol: string }[] };

/** What Kubernetes makes of policies: a direction of a pod that any policy names is closed but for what some policy opens. */
function open(policies: readonly Manifest[], direction: 'ingress' | 'egress', own: string, other: string, port: number): boolean {
  const here = policies.filter(({ metadata }) => metadata.namespace === own).map(({ spec }) => spec as Record<string, unknown>);
  const type = direction === 'ingress' ? 'Ingress' : 'Egress';
  if (!here.some(({ policyTypes }) => (policyTypes as string[]).includes(type))) return true;
  const rules = here.flatMap((spec) => (spec[direction] ?? []) as Rule[]);
  return rules.some(({ from, to, ports }) => {
    const peers = from ?? to;
    const matches = (peer: Peer) =>
      peer.namespaceSelector === undefined ? own === other : peer.namespaceSelector.matchLabels['kubernetes.io/metadata.name'] === other;
    return (peers === undefined || peers.some(matches)) && (ports === undefined || ports.some((one) => one.port === port));
  });
}
const connects = (policies: readonly Manifest[], from: string, to: string, port: number): boolean =>
  open(policies, 'egress', from, to, port) && open(policies, 'ingress', to, from, port);

const store = fake('store', { roles: ['hub'], provides: ['object-store'] });
const logs = fake('logs', { roles: ['hub'], requires: ['cni', 'object-store'] });
const agent = fake('agent', { reaches: [safe] });
const hook = fake('hook', { traffic: { fromApiServer: [9443], toAnywhere: [443] } });
const page = fake('page', { requires: [logs], roles: ['hub'], traffic: { fromAnywhere: [3000] } });
const watch = fake('watch', { traffic: { scrapes: true } });
const mesh = fake('mesh', { namespace: { name: 'kube-system' }, provides: ['cni', 'mesh'] });
const shop = fake('shop', { traffic: { ownPolicies: true } });
const catalog = [mesh, safe, store, logs, agent, hook, page, watch, shop];

const policiesOf = (fleet: ResolvedFleet, cluster: string) => componentOf(fleet, cluster, 'default-deny').resources;

/** What must and must not get through; a line per surprise. */
function surprises(hub: readonly Manifest[], edge: readonly Manifest[]): readonly string[] {
  const expectations: [policies: readonly Manifest[], from: string, to: string, port: number, yes: boolean][] = [
    [hub, 'logs', 'store', 8333, true],
    [hub, 'page', 'logs', 3100, true],
    [hub, 'agent', 'safe', 8201, true],
    [hub, 'watch', 'safe', 9102, true],
    [hub, 'page', 'page', 1234, true],
    [hub, 'store', 'logs', 3100, false],
    [hub, 'page', 'store', 8333, false],
    [hub, 'hook', 'safe', 22, false],
    [hub, 'hook', 'safe', 443, false],
    [hub, 'logs', 'watch', 9090, false],
  ];
  const directions: [
    policies: readonly Manifest[],
    direction: 'ingress' | 'egress',
    own: string,
    other: string,
    port: number,
    yes: boolean,
  ][] = [
    [hub, 'ingress', 'hook', 'outside', 9443, true],
    [hub, 'ingress', 'page', 'outside', 3000, true],
    [hub, 'ingress', 'page', 'outside', 22, false],
    [hub, 'ingress', 'safe', 'edge/agent', 8201, true],
    [hub, 'ingress', 'store', 'edge/agent', 8333, false],
    [edge, 'egress', 'agent', 'center/safe', 8200, true],
    [edge, 'egress', 'agent', 'center/safe', 22, false],
    [edge, 'egress', 'hook', 'center/safe', 8200, false],
    [edge, 'egress', 'hook', 'outside', 443, true],
    [edge, 'egress', 'agent', 'outside', 443, false],
    [edge, 'egress', 'agent', 'kube-system', 53, true],
    [edge, 'egress', 'agent', 'outside', 6443, true],
    [edge, 'ingress', 'agent', 'outside', 8080, false],
  ];
  return [
    ...expectations
      .filter(([of, from, to, port, yes]) => connects(of, from, to, port) !== yes)
      .map(([, from, to, port]) => `${from} -> ${to}:${port}`),
    ...directions
      .filter(([of, way, own, other, port, yes]) => open(of, way, own, other, port) !== yes)
      .map(([, way, own, other, port]) => `${way} ${own} ${other}:${port}`),
  ];
}

test('opens what components need, say and serve, and nothing else', () => {
  const fleet = resolveWith(catalog);
  expect(surprises(policiesOf(fleet, 'center'), policiesOf(fleet, 'edge'))).toEqual([]);
});

const without = (change: (component: Component) => Partial<Component>) =>
  resolveWith(catalog.map((component) => ({ ...component, requires: component.requires?.map(again) ?? [], ...change(component) })));
// Components are told apart by id, so a copy is as good as the first.
const again = (target: NonNullable<Component['requires']>[number]) => target;

test.each([
  ['an edge that nobody opens', (c: Component) => (c.id === 'logs' ? { requires: ['cni' as const] } : {}), ['logs -> store:8333']],
  [
    'a service that is not served',
    (c: Component) => (c.id === 'safe' ? { serves: [] } : {}),
    ['ingress safe edge/agent:8201', 'egress agent center/safe:8200'],
  ],
  [
    'a namespace that may call everybody',
    (c: Component) => (c.id === 'hook' ? { traffic: { toAnywhere: 'all' as const } } : {}),
    ['ingress hook outside:9443', 'egress hook center/safe:8200'],
  ],
])('sabotage: %s is noticed', (_, change, noticed) => {
  const fleet = without(change);
  expect(surprises(policiesOf(fleet, 'center'), policiesOf(fleet, 'edge'))).toEqual(noticed);
});

test('sabotage: without the policies that deny, everything is open', () => {
  const fleet = resolveWith(catalog);
  expect(surprises([], []).length).toBeGreaterThan(8);
  const anything = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] };
  const policies = policiesOf(fleet, 'center');
  const opened = [...policies, { ...policies[0]!, metadata: { name: 'debug', namespace: 'store' }, spec: anything }];
  expect(surprises(opened, policiesOf(fleet, 'edge'))).toEqual(['ingress store edge/agent:8333']);
});

test('come last, in a release of their own, for every namespace of ours that has none of its own', () => {
  const fleet = resolveWith(catalog);
  for (const name of ['center', 'edge']) {
    const ids = idsOf(fleet, name);
    expect(ids.at(-1)).toBe('default-deny');
    const namespaces = [...new Set(policiesOf(fleet, name).map(({ metadata }) => metadata.namespace))];
    expect(namespaces).not.toContain('kube-system');
    expect(namespaces).not.toContain('shop');
    expect(namespaces).toContain('agent');
  }
  const { dependsOn } = componentOf(fleet, 'center', 'default-deny');
  expect([...dependsOn].sort()).toEqual(['agent', 'hook', 'page', 'shop', 'watch']);
});

test('a cluster that stands alone, or has no namespace of ours, gets none', () => {
  const alone = {
    budget: { memoryMiB: 4096 },
    clusters: [
      { name: 'one', id: 1, role: 'standalone' as const, nodes: [{ name: 'one-cp', role: 'control-plane' as const, memoryMiB: 2048 }] },
    ],
  };
  expect(idsOf(resolveWith([fake('app', { roles: ['standalone'] })], alone), 'one')).toEqual(['app']);
  const context: PolicyContext = {
    cluster: { role: 'hub', api: { name: 'a', port: 6443 } },
    components: [net],
    serving: [],
    road: { by: 'nothing' },
  };
  expect(networkPolicies(context)).toEqual([]);
});
