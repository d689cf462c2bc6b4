import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { App, Aspects, TerraformStack, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { catalog } from '../../components';
import { type Component, defineComponent } from '../../components/define';
import { localPath } from '../../components/local-path';
import { CiliumMesh } from '../../constructs/cilium-mesh';
import { ComponentSet, type ComponentSetProps } from '../../constructs/component-set';
import { HostScript } from '../../constructs/host-script';
import { install } from '../../constructs/installation';
import { ObservabilityHub } from '../../constructs/observability-hub';
import { VaultPki } from '../../constructs/vault-pki';
import { dataEdges } from '../order/data-graph';
import { componentEdges, type Json, redundant } from '../order/stack-graph';
import { comesAfter, edge, hub, needs, once, place, raw, synthesize } from './places';

const setOf = (scope: Construct, more: Partial<ComponentSetProps> = {}, id = 'set') =>
  new ComponentSet(scope, id, { uid: 'abc123', cluster: 'hub', kubeconfig: 'kubeconfig/hub', components: [], ...more });
const component = (id: string, more: Partial<Component> = {}): Component =>
  defineComponent({ id, summary: id, roles: [], namespace: { name: id, podSecurity: 'restricted' }, ...more });

describe('whichever construct is made first', () => {
  const makers: readonly ((scope: Construct, set: ComponentSet) => unknown)[] = [
    (scope, set) => new CiliumMesh(scope, 'mesh', { ...place(hub, edge), set }),
    (scope, set) => install(new Construct(scope, 'storage'), { ...place(hub, edge), set }, [localPath]),
    (scope, set) => new VaultPki(scope, 'pki', { ...place(hub, edge), set, authority: 'Example' }),
    (scope, set) => new ObservabilityHub(scope, 'observability', { ...place(hub), set, grafanaPort: 30301 }),
  ];
  const inOrder = (...order: readonly number[]) =>
    synthesize((scope) => {
      const set = setOf(scope);
      for (const index of order) makers[index]!(scope, set);
    });
  const last = once(() => inOrder(3, 2, 1, 0));

  test('the stack is the same', () => {
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
    expect(componentEdges(json)).toEqual(wanted);
    expect(redundant(json)).toEqual([]);
    expect(comesAfter(json, 'helm_release.seaweedfs', 'null_resource.gate-local-path')).toBe(true);
    expect(comesAfter(json, 'helm_release.local-path', 'null_resource.gate-cilium')).toBe(true);
    // Twin: the edge that a set of the old kind forgot is missed.
    const { seaweedfs } = json.resource.helm_release!;
    const helm_release = { ...json.resource.helm_release, seaweedfs: { ...seaweedfs, depends_on: [] } };
    expect(componentEdges({ resource: { ...json.resource, helm_release } } as Json)).not.toEqual(wanted);
  });

  test('components see all the others, and get the tuning of all', () => {
    const { values } = last();
    expect(values('grafana')).toMatchObject({ route: { main: { enabled: true } }, service: { nodePort: 30301 } });
    // VaultPki's, which goes before ObservabilityHub by its name, not by what it needs to know.
    expect(values('external-secrets').serviceMonitor.enabled).toBe(true);
    const alone = synthesize((scope) => new ObservabilityHub(scope, 'observability', place(hub)));
    expect(alone.values('grafana')).not.toHaveProperty('route');
  });

  test('a component that two of them want is there once, tuned by both, before and after', () => {
    const shelf = component('shelf');
    const made = (...order: readonly ('a' | 'b')[]) =>
      synthesize((scope) => {
        const set = setOf(scope);
        const first = new HostScript(scope, 'first', { run: 'host/ssh-key.sh', input: {} });
        for (const name of order)
          install(new Construct(scope, name), { ...place(hub), set, ...(name === 'a' ? { after: [first] } : {}) }, [shelf], (one) => ({
            ...one,
            resources: [...one.resources, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'same' } }],
          }));
      }).json;
    expect(needs(made('a', 'b'), 'helm_release', 'shelf')).toEqual(['null_resource.first', 'kubernetes_namespace_v1.namespace-shelf']);
    expect(made('b', 'a')).toEqual(made('a', 'b'));
  });
});

test('an app that is really synthesized asks for ends before the set is made, and gets the same; its Aspects see what is made', () => {
  const make = (stack: TerraformStack): void => {
    const set = setOf(stack);
    new HostScript(stack, 'look', { run: 'host/ssh-key.sh', input: {}, dependsOn: [set.end('b')] });
    install(stack, { ...place(hub), set }, [component('a', { requires: ['storage'] }), component('b', { requires: ['storage'] })]);
    set.add(raw('disks', { provides: ['storage'] }));
    Aspects.of(stack).add({ visit: (node) => node instanceof Release && node.addOverride('description', 'seen') });
  };
  // It has no providers, and needs none to be written.
  const app = new App({ outdir: Testing.app().outdir, skipValidation: true });
  make(new TerraformStack(app, 'stack'));
  app.synth();
  const { resource } = JSON.parse(readFileSync(join(app.outdir, 'stacks', 'stack', 'cdk.tf.json'), 'utf8')) as Json;
  expect(resource.null_resource!.look!.depends_on).toEqual(['helm_release.b']);
  expect(resource.helm_release!.b!.depends_on).toEqual(['helm_release.disks', 'kubernetes_namespace_v1.namespace-b']);
  expect(Object.values(resource.helm_release!).map(({ description }) => description)).toEqual(['seen', 'seen', 'seen']);
});

describe('a set', () => {
  test('of a resolved fleet fills slots of what is added, and knows its own limits late as well as early', () => {
    const { json } = synthesize((scope) => {
      const set = setOf(scope);
      install(scope, { ...place(hub), set }, [
        component('shop', { requires: ['storage'], namespace: { name: 'shop', podSecurity: 'baseline' } }),
      ]);
      set.add(raw('disks', { provides: ['storage'], ready: [{ kind: 'nodes-ready' }] }));
      set.add(raw('till', { namespace: { name: 'shop', podSecurity: 'baseline', quota: { pods: '2' } } }));
    });
    expect(needs(json, 'helm_release', 'shop')).toEqual(['null_resource.gate-disks', 'kubernetes_resource_quota_v1.quota-shop']);
  });

  test('waits for another one in turns', () => {
    const { json } = synthesize((scope) => {
      const [one, other] = [setOf(scope), setOf(scope, { prefix: 'far-' }, 'other')];
      one.add(raw('a'), [other.end('b')]);
      other.add(raw('b'), [one.end('c')]);
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
        setOf(scope).add(raw('a'), [elsewhere.end('b')]);
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
      'a part of another cluster',
      (scope) => install(scope, { ...place(edge), set: setOf(scope) }, []),
      'stack says another cluster than the set stack/set',
    ],
    [
      'a part with another prefix',
      (scope) => install(scope, { ...place(hub), set: setOf(scope), prefix: 'far-' }, []),
      'says another prefix',
    ],
    [
      'two that want one component differently',
      (scope) => {
        const set = setOf(scope);
        for (const port of [30301, 30302]) new ObservabilityHub(scope, `on-${port}`, { ...place(hub), set, grafanaPort: port });
      },
      'stack/on-30301 and stack/on-30302 want "grafana" differently',
    ],
    [
      'two of one id that are not the same',
      (scope) => {
        const set = setOf(scope);
        for (const name of ['a', 'b']) install(new Construct(scope, name), { ...place(hub), set }, [component('shelf')]);
      },
      'stack/b brings a "shelf" that is another one',
    ],
    [
      'what it has by itself already',
      (scope) => install(scope, { ...place(hub), set: setOf(scope, { components: [raw('local-path')] }) }, [localPath]),
      'has by itself',
    ],
  ])('refuses %s', (_, make, words) => expect(() => synthesize(make)).toThrow(words));

  const police = component('police', { never: ['hub'] });
  const officer = component('officer', { requires: [police] });
  test.each<[string, (scope: Construct) => unknown, string]>([
    [
      'a role that must not have what is required',
      (scope) => install(scope, place(hub), [officer]),
      'police must not be in cluster "hub", which is of role hub; drop officer from its components',
    ],
    [
      'two networks, by two constructs',
      (scope) => {
        const set = setOf(scope);
        new CiliumMesh(scope, 'mesh', { ...place(hub), set, gateway: false });
        install(scope, { ...place(hub), set }, [component('net', { provides: ['cni'] })]);
      },
      'has 2 pod networks: cilium, net',
    ],
    [
      'a namespace that its components want differently',
      (scope) => install(scope, place(hub), [component('a'), component('b', { namespace: { name: 'a', podSecurity: 'baseline' } })]),
      'do not agree on namespace a',
    ],
    [
      'a value that a contract fixes',
      (scope) => new CiliumMesh(scope, 'mesh', { ...place(hub), values: { cilium: { routingMode: 'native' } } }),
      'has to be "tunnel"',
    ],
  ])('refuses %s, by the rules of a fleet', (_, make, words) => expect(() => synthesize(make)).toThrow(words));

  test('takes the same where nothing forbids it', () => {
    const { json } = synthesize((scope) => install(scope, place(edge, hub), [officer]));
    expect(Object.keys(json.resource.helm_release!).sort()).toEqual(['officer', 'police']);
  });
});

test('handles return what is made in the end, also when a later construct of the set changes it', () => {
  const { values, made } = synthesize((scope) => {
    const set = setOf(scope);
    const mesh = new CiliumMesh(scope, 'mesh', { ...place(hub, edge), set });
    const before = mesh.peerPort;
    const tuned = { cilium: { clustermesh: { apiserver: { service: { nodePort: 32380 } } } } };
    install(new Construct(scope, 'storage'), { ...place(hub, edge), set, values: tuned }, [localPath]);
    return { mesh, before };
  });
  expect(values('cilium').clustermesh.apiserver.service.nodePort).toBe(32380);
  expect([made.before, made.mesh.peerPort]).toEqual([32379, 32380]);
});
