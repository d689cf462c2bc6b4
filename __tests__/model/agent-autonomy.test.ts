import { catalog } from '../../components';
import type { Component } from '../../components/define';
import { FleetError } from '../../config/problem';
import { agentAutonomy } from '../../model/contracts/agent-autonomy';
import { load, resolveFresh } from '../support/fleet-fixture';
import { componentOf, fake, net, resolveWith, safe } from '../support/two-clusters';

const cluster = 'edge';
const store = fake('store', { reaches: [safe], crds: ['secretstores.example.dev', 'policies.example.dev'] });
const externalSecret = (target: object = { name: 'login' }) => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'login', namespace: 'app' },
  spec: { target },
});
const deployment = (pod: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'app', namespace: 'app' }, spec: pod });
const app = (more: Partial<Component>) => fake('app', { resources: () => [externalSecret()], ...more });
const env = (more: object) =>
  deployment({ env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'p', ...more } } }] });

/** What each sabotage says; resolving must be refused with the words. */
const refused: [what: string, catalog: Component[], words: string][] = [
  [
    'a gate on what only the hub can make ready',
    [fake('app', { reaches: [safe], ready: [{ kind: 'condition', resource: 'vaultconnection/x', condition: 'Ready' }] })],
    'app of agent "edge" is not ready before vaultconnection/x',
  ],
  [
    'a gate on an object of a kind that comes with a component that uses the hub',
    [store, fake('app', { ready: [{ kind: 'condition', resource: 'secretstore.example.dev/x', condition: 'Ready' }] })],
    'not ready before secretstore.example.dev/x',
  ],
  ['a step', [fake('app', { reaches: [safe], steps: [{ id: 'join', script: 'host/join.sh' }] })], 'step join of app runs on agent "edge"'],
  [
    'an init container',
    [fake('app', { resources: () => [deployment({ initContainers: [{ command: ['nc', 'safe-fleet.safe.svc', '8200'] }] })] })],
    'does not start before safe-fleet of the hub answers',
  ],
  [
    'a probe, in values of a chart',
    [
      fake('app', {
        chart: { repository: 'https://charts.invalid', name: 'app', version: '1.0.0' },
        values: () => ({ server: { readinessProbe: { exec: { command: ['wget', 'http://safe-fleet.safe.svc:8200'] } } } }),
      }),
    ],
    'does not start before safe-fleet of the hub answers',
  ],
  ['a Secret that External Secrets brings', [app({ resources: () => [externalSecret(), env({})] })], 'mounts the Secret app/login'],
  [
    'one that is named by the ExternalSecret itself, mounted by a chart',
    [
      app({
        chart: { repository: 'https://charts.invalid', name: 'app', version: '1.0.0' },
        values: () => ({ admin: { existingSecret: 'login' }, extraObjects: [externalSecret({})] }),
        resources: () => [],
      }),
    ],
    'mounts the Secret app/login',
  ],
];

test.each(refused)('refuses %s on an agent', (_, catalog, words) => {
  const make = () => resolveWith([net, safe, ...catalog]);
  expect(make).toThrow(FleetError);
  expect(make).toThrow(words);
});

const accepted: [what: string, catalog: Component[]][] = [
  [
    'a gate on what runs here',
    [fake('app', { reaches: [safe], ready: [{ kind: 'rollout', namespace: 'app', resource: 'deployment/app' }] })],
  ],
  [
    'a gate on its own custom resource definition',
    [fake('app', { reaches: [safe], ready: [{ kind: 'condition', resource: 'crd/x.example.dev', condition: 'Established' }] })],
  ],
  ['a Secret that may be missing', [app({ resources: () => [externalSecret(), env({ optional: true })] })]],
  [
    'a Secret that is laid down first',
    [app({ secrets: [{ name: 'login', keys: { p: '{login}' } }], resources: () => [externalSecret(), env({})] })],
  ],
  [
    'a Secret of the same name in another namespace',
    [app({}), fake('other', { resources: () => [{ ...env({}), metadata: { name: 'o', namespace: 'other' } }] })],
  ],
];

test.each(accepted)('accepts %s', (_, catalog) => {
  expect(resolveWith([net, safe, ...catalog]).clusters).toHaveLength(2);
});

test('what an agent may not wait for, the hub may; a condition that says so is not asked on the agent', () => {
  const ready = [{ kind: 'condition', resource: 'vaultconnection/x', condition: 'Ready', roles: ['hub'] }] as const;
  const fleet = resolveWith([net, safe, fake('app', { reaches: [safe], ready })]);
  expect(componentOf(fleet, 'center', 'app')).toMatchObject({ ready, dependsOn: ['safe'], reaches: [] });
  expect(componentOf(fleet, cluster, 'app')).toMatchObject({ ready: [], dependsOn: [], reaches: ['safe'] });
});

test('refuses a stack of an agent that waits for one of the hub, in whatever way', () => {
  const { clusters, stacks } = resolveWith([net, safe]);
  expect(agentAutonomy({ clusters, stacks })).toEqual([]);
  const sabotaged = stacks.map((stack) => (stack.name === 'edge-platform' ? { ...stack, needs: [...stack.needs, 'bridge'] } : stack));
  const detour = { name: 'bridge', kind: 'links', cluster: null, needs: ['center-platform'] } as const;
  expect(agentAutonomy({ clusters, stacks: [...sabotaged, detour] }).map(({ rule }) => rule)).toEqual([
    'stack edge-platform of agent "edge" waits for stack center-platform of the hub',
    'stack edge-platform of agent "edge" waits for stack center of the hub',
  ]);
});

describe('the catalog as it is', () => {
  const trio = (changed: readonly Component[]) => resolveFresh(load('trio'), { catalog: changed });
  /** A component with something changed, and the same in whoever names it. */
  const changing = (id: string, change: (one: Component) => Component): readonly Component[] => {
    const made = new Map<string, Component>();
    const again = (one: Component): Component => {
      const known = made.get(one.id);
      if (known !== undefined) return known;
      const edges = (['requires', 'after', 'reaches'] as const).flatMap((edge) =>
        one[edge] === undefined ? [] : [[edge, one[edge].map((target) => (typeof target === 'string' ? target : again(target)))] as const],
      );
      const fresh = { ...one, ...Object.fromEntries(edges) };
      made.set(one.id, one.id === id ? change(fresh) : fresh);
      return made.get(one.id)!;
    };
    return catalog.map(again);
  };

  test.each<[string, string, (one: Component) => Component, string]>([
    [
      'waits on agents too for a store that only an open Vault makes ready',
      'external-secrets-store',
      (one) => ({ ...one, ready: [{ kind: 'condition', resource: 'clustersecretstore/vault', condition: 'Ready' }] }),
      'external-secrets-store of agent "app1" is not ready before clustersecretstore',
    ],
    [
      'runs a script of the hub there',
      'external-secrets',
      (one) => ({ ...one, steps: [{ id: 'fill', script: 'host/vault-policies.sh' }] }),
      'step fill of external-secrets runs on agent "app1"',
    ],
  ])('with a component that %s is refused', (_, id, change, words) => {
    expect(() => trio(changing(id, change))).toThrow(words);
  });

  test('is accepted, also put together anew', () => {
    expect(trio(changing('demo', (one) => one)).clusters).toHaveLength(3);
  });
});
