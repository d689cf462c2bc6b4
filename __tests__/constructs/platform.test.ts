import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { App, Aspects, TerraformStack, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { catalog } from '../../components';
import { type Component, type ContextCluster, defineComponent } from '../../components/define';
import { localPath } from '../../components/storage/local-path';
import { CiliumMesh } from '../../constructs/cilium-mesh';
import { ComponentSet, type ComponentSetProps } from '../../constructs/component-set';
import { HostScript } from '../../constructs/host-script';
import { ObservabilityHub } from '../../constructs/observability-hub';
import { Platform } from '../../constructs/platform';
import { VaultPki } from '../../constructs/vault-pki';
import { dataEdges } from '../support/data-graph';
import { load, resolveFresh } from '../support/fleet-fixture';
import { comesAfter, edge, hub, needs, once, platform, raw, synthesize } from '../support/places';
import { componentEdges, type Json, redundant } from '../support/stack-graph';

const setOf = (scope: Construct, more: Partial<ComponentSetProps> = {}, id = 'set') =>
  new ComponentSet(scope, id, { uid: 'abc123', cluster: 'hub', kubeconfig: 'kubeconfig/hub', components: [], ...more });
const component = (id: string, more: Partial<Component> = {}): Component =>
  defineComponent({ id, summary: id, roles: [], namespace: { name: id, podSecurity: 'restricted' }, ...more });
const installed = (of: ContextCluster, others: readonly ContextCluster[], ...components: readonly Component[]) =>
  synthesize((scope) => platform(scope, of, others).install(components));

describe('the order in which constructs are created', () => {
  const makers: readonly ((of: Platform) => unknown)[] = [
    (of) => new CiliumMesh(of, 'mesh'),
    (of) => of.install([localPath]),
    (of) => new VaultPki(of, 'pki', { authority: 'Example' }),
    (of) => new ObservabilityHub(of, 'observability', { grafanaPort: 30301 }),
  ];
  const inOrder = (...order: readonly number[]) =>
    synthesize((scope) => {
      const made = platform(scope, hub, [edge]);
      for (const index of order) makers[index]!(made);
    });
  const last = once(() => inOrder(3, 2, 1, 0));

  test('does not change the stack', () => {
    for (const order of [
      [0, 1, 2, 3],
      [2, 0, 3, 1],
    ])
      expect(inOrder(...order).json).toEqual(last().json);
  });

  test('its edges are those of the data, no more and no less', () => {
    const { json } = last();
    const components = catalog.filter(({ id }) => id in json.resource.helm_release!);
    expect(components.length).toBeGreaterThan(15);
    const wanted = dataEdges({ role: 'hub', components: components as never }, catalog);
    // Network policies come after everything else, and no component names them.
    const edges = (of: Json) => componentEdges(of).filter((edge) => !edge.startsWith('default-deny <- '));
    expect(edges(json)).toEqual(wanted);
    expect(redundant(json)).toEqual([]);
    expect(comesAfter(json, 'helm_release.seaweedfs', 'null_resource.gate-local-path')).toBe(true);
    expect(comesAfter(json, 'helm_release.local-path', 'null_resource.gate-cilium')).toBe(true);
    // Twin: the edge that a set of the old kind forgot is missed.
    const { seaweedfs } = json.resource.helm_release!;
    const helm_release = { ...json.resource.helm_release, seaweedfs: { ...seaweedfs, depends_on: [] } };
    expect(edges({ resource: { ...json.resource, helm_release } } as Json)).not.toEqual(wanted);
  });

  test('components see all the others, and get the tuning of all', () => {
    const { values } = last();
    expect(values('grafana')).toMatchObject({ route: { main: { enabled: true } }, service: { nodePort: 30301 } });
    // VaultPki's, which goes before ObservabilityHub by its name, not by what it needs to know.
    expect(values('external-secrets').serviceMonitor.enabled).toBe(true);
    const alone = synthesize((scope) => new ObservabilityHub(platform(scope, hub), 'observability'));
    expect(alone.values('grafana')).not.toHaveProperty('route');
  });

  test('does not matter for a component that two constructs add: it is installed once, with the values and dependencies of both', () => {
    const shelf = component('shelf');
    const made = (...order: readonly ('a' | 'b')[]) =>
      synthesize((scope) => {
        const of = platform(scope, hub);
        const first = new HostScript(scope, 'first', { run: 'host/ssh-key.sh', input: {} });
        for (const name of order)
          of.install([shelf], {
            scope: new Construct(of, name),
            values: { shelf: { [name]: true, same: true } },
            ...(name === 'a' ? { dependsOn: [first] } : {}),
          });
      }).json;
    expect(needs(made('a', 'b'), 'helm_release', 'shelf')).toEqual(['null_resource.first', 'kubernetes_namespace_v1.namespace-shelf']);
    expect(made('b', 'a')).toEqual(made('a', 'b'));
  });
});

test('an app can depend on components before they are added, and its Aspects see the releases', () => {
  const make = (stack: TerraformStack): void => {
    const of = platform(stack, hub, [], { defaultDeny: false });
    const [a, b, disks] = [
      component('a', { requires: ['storage'] }),
      component('b', { requires: ['storage'] }),
      component('disks', { provides: ['storage'] }),
    ];
    new HostScript(stack, 'look', { run: 'host/ssh-key.sh', input: {}, dependsOn: of.ready(b!) });
    of.install([a!, b!]);
    of.install([disks!]);
    Aspects.of(stack).add({ visit: (node) => node instanceof Release && node.addOverride('description', 'seen') });
  };
  // It has no providers: none is needed to write the stack.
  const app = new App({ outdir: Testing.app().outdir, skipValidation: true });
  make(new TerraformStack(app, 'stack'));
  app.synth();
  const { resource } = JSON.parse(readFileSync(join(app.outdir, 'stacks', 'stack', 'cdk.tf.json'), 'utf8')) as Json;
  expect(resource.null_resource!.look!.depends_on).toEqual(['helm_release.b']);
  expect(resource.helm_release!.b!.depends_on).toEqual(['helm_release.disks', 'kubernetes_namespace_v1.namespace-b']);
  expect(Object.values(resource.helm_release!).map(({ description }) => description)).toEqual(['seen', 'seen', 'seen']);
});

describe('values that are read from a construct', () => {
  test('are those that are installed: a construct that would change them afterwards is refused', () => {
    const late = () =>
      synthesize((scope) => {
        const of = platform(scope, hub, [edge]);
        const { peers } = new CiliumMesh(of, 'mesh');
        expect(peers).toEqual(['edge']);
        of.install([component('late')]);
      });
    expect(late).toThrow('stack/hub is resolved already, and stack/hub would change it');
  });

  test('include the values of the platform', () => {
    synthesize((scope) => {
      const values = { cilium: { clustermesh: { apiserver: { service: { nodePort: 32500 } } } } };
      expect(new CiliumMesh(platform(scope, hub, [edge], { values }), 'mesh').peerPort).toBe(32500);
    });
  });
});

describe('a platform of a resolved fleet', () => {
  const trio = once(() => resolveFresh(load('trio', 'nspawn')));
  const of = (scope: Construct, cluster: string) => new Platform(scope, 'platform', { fleet: trio(), cluster });

  test('installs what the fleet file says, whichever constructs are attached', () => {
    const bare = synthesize((scope) => of(scope, 'mgmt')).json;
    const full = synthesize((scope) => {
      const made = of(scope, 'mgmt');
      new ObservabilityHub(made, 'observability');
      new VaultPki(made, 'pki');
    }).json;
    expect(full).toEqual(bare);
    expect(Object.keys(full.resource.helm_release!).length).toBeGreaterThan(30);
  });

  test.each<[string, (scope: Construct) => unknown, string]>([
    ['values of a construct', (scope) => new ObservabilityHub(of(scope, 'mgmt'), 'hub', { grafanaPort: 30301 }), 'comes from a fleet file'],
    ['inputs of a step', (scope) => new VaultPki(of(scope, 'mgmt'), 'pki', { maxHours: 24 }), 'comes from a fleet file'],
    ['a cluster that it does not have', (scope) => of(scope, 'app9'), 'fleet "trio" has no cluster "app9"; choose one of mgmt, app1, app2'],
  ])('refuses %s', (_, make, words) => expect(() => synthesize(make)).toThrow(words));
});

describe('a set', () => {
  test('waits for another one in turns', () => {
    const { json } = synthesize((scope) => {
      const [one, other] = [setOf(scope), setOf(scope, { prefix: 'far-' }, 'other')];
      one.add(raw('a'), [other.readyDependency('b')]);
      other.add(raw('b'), [one.readyDependency('c')]);
      one.add(raw('c'));
    });
    expect(needs(json, 'helm_release', 'a')).toEqual(['helm_release.far-b']);
    expect(needs(json, 'helm_release', 'far-b')).toEqual(['helm_release.c']);
  });

  test.each<[string, (scope: Construct) => unknown, string]>([
    [
      'a ring',
      (scope) => setOf(scope, { components: [raw('a', { dependsOn: ['b'] }), raw('b', { dependsOn: ['a'] })] }),
      'wait for each other: a -> b -> a',
    ],
    [
      'an edge to nothing',
      (scope) => setOf(scope, { components: [raw('a', { dependsOn: ['b'] })] }),
      'a waits for "b", and the set stack/set holds no component "b"',
    ],
    ['two of one id', (scope) => setOf(scope, { components: [raw('a'), raw('a')] }), 'holds a component "a" already'],
    [
      'what is in another stack',
      (scope) => {
        const elsewhere = setOf(new TerraformStack(scope.node.root, 'elsewhere'), { components: [raw('b')] });
        setOf(scope).add(raw('a'), [elsewhere.readyDependency('b')]);
      },
      'stack.addDependency(elsewhere)',
    ],
    [
      'what comes too late',
      (scope) => {
        const set = setOf(scope);
        set.make();
        set.add(raw('a'));
      },
      '"a" comes too late',
    ],
    [
      'two constructs that set one value differently',
      (scope) => {
        const of = platform(scope, hub);
        for (const port of [30301, 30302]) new ObservabilityHub(of, `on-${port}`, { grafanaPort: port });
      },
      'stack/hub/on-30301 and stack/hub/on-30302 set values of "grafana" differently',
    ],
    [
      'two different components of one id',
      (scope) => {
        const of = platform(scope, hub);
        for (const name of ['a', 'b']) of.install([component('shelf')], { scope: new Construct(of, name) });
      },
      'two different components have the id "shelf"',
    ],
    [
      'values of a component that is not installed',
      (scope) => platform(scope, hub, [], { values: { grafna: {} } }),
      'grafna: is no component; did you mean "grafana"?',
    ],
  ])('refuses %s', (_, make, words) => expect(() => synthesize(make)).toThrow(words));

  const police = component('police', { never: ['hub'] });
  const officer = component('officer', { requires: [police] });
  test.each<[string, () => unknown, string]>([
    [
      'a role that must not have what is required',
      () => installed(hub, [], officer),
      'police must not be in cluster "hub", which is of role hub; drop officer from its components',
    ],
    [
      'two networks, by two constructs',
      () =>
        synthesize((scope) => {
          const of = platform(scope, hub);
          new CiliumMesh(of, 'mesh', { gateway: false });
          of.install([component('net', { provides: ['cni'] })]);
        }),
      'has 2 pod networks: cilium, net',
    ],
    [
      'a namespace that its components want differently',
      () => installed(hub, [], component('a'), component('b', { namespace: { name: 'a', podSecurity: 'baseline' } })),
      'do not agree on namespace a',
    ],
    [
      'a value that a contract fixes',
      () => synthesize((scope) => new CiliumMesh(platform(scope, hub, [], { values: { cilium: { routingMode: 'native' } } }), 'mesh')),
      'has to be "tunnel"',
    ],
  ])('refuses %s, by the rules of a fleet', (_, make, words) => expect(make).toThrow(words));

  test('is accepted where no rule forbids it', () => {
    const { json } = installed(edge, [hub], officer);
    expect(Object.keys(json.resource.helm_release!).sort()).toEqual(['default-deny', 'officer', 'police']);
  });
});
