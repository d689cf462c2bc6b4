import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Resource } from '@cdktf/provider-null/lib/resource';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type Component, defineComponent } from '../../components/define';
import { externalSecretsStore } from '../../components/external-secrets-store';
import { gateway } from '../../components/gateway';
import { kyvernoPolicies } from '../../components/kyverno-policies';
import { production } from '../../components/production';
import { AgentCluster, type AgentClusterProps } from '../../constructs/agent-cluster';
import { CiliumMesh } from '../../constructs/cilium-mesh';
import { ComponentSet } from '../../constructs/component-set';
import { HostScript } from '../../constructs/host-script';
import { install } from '../../constructs/installation';
import { VaultPki } from '../../constructs/vault-pki';
import type { Json as Loose } from '../model/lab';
import { type Json, redundant, resourceEdges } from '../order/stack-graph';
import { cluster, comesAfter, edge, hub, once, place, synthesize } from './places';

describe('AgentCluster', () => {
  const big = cluster('big', 5, 'agent', { nodes: edge.nodes.map((node) => ({ ...node, name: `big-${node.role}`, memoryMiB: 16384 })) });
  const two = once(() =>
    synthesize((scope) => ({
      small: new AgentCluster(scope, 'small', place(edge, hub)),
      big: new AgentCluster(scope, 'big', { ...place(big, hub), prefix: 'far-', closed: false }),
    })),
  );

  test('two that differ: tenant, labels, and how long the buffers of their size last', () => {
    const { json, made, values } = two();
    const remote = (release: string) => values(release).prometheus.prometheusSpec;
    expect(remote('kube-prometheus-stack')).toMatchObject({
      externalLabels: { cluster: 'edge' },
      remoteWrite: [{ headers: { 'THANOS-TENANT': 'edge' } }],
    });
    expect(remote('far-kube-prometheus-stack')).toMatchObject({
      externalLabels: { cluster: 'big' },
      remoteWrite: [{ headers: { 'THANOS-TENANT': 'big' } }],
    });
    const hours = (of: AgentCluster, signal: string) => of.buffers.find((buffer) => buffer.signal === signal)!.hours;
    expect(hours(made.small, 'logs')).toBeGreaterThan(hours(made.big, 'logs'));
    for (const buffer of [...made.small.buffers, ...made.big.buffers]) expect(buffer.hours).toBeGreaterThanOrEqual(buffer.promisedHours);
    const names = Object.keys(json.resource.helm_release!);
    expect(names).toContain('default-deny');
    expect(names).not.toContain('far-default-deny');
  });

  test('has the ways to the hub, and nothing waits for them; policies come last', () => {
    const { json, made } = two();
    expect(made.small.services).toEqual([
      'thanos-receive-fleet.monitoring.svc:10908',
      'loki-fleet.monitoring.svc:3100',
      'tempo-fleet.monitoring.svc:4317',
    ]);
    const edges = resourceEdges(json);
    for (const way of ['thanos-fleet', 'loki-fleet', 'tempo-fleet'])
      expect([...edges].filter(([, wanted]) => wanted.includes(`helm_release.${way}`)).map(([address]) => address)).toEqual([]);
    for (const early of ['null_resource.gate-kube-prometheus-stack', 'helm_release.otel-collector'])
      expect(comesAfter(json, 'helm_release.default-deny', early)).toBe(true);
    expect(redundant(json)).toEqual([]);
  });

  test('what stands for collecting comes after both collectors, and nothing of the hub', () => {
    const { json } = synthesize((scope) => {
      const { collecting } = new AgentCluster(scope, 'agent', place(edge, hub));
      new HostScript(scope, 'look', { run: 'host/ssh-key.sh', input: {}, dependsOn: collecting });
    });
    expect(resourceEdges(json).get('null_resource.look')).toEqual([
      'null_resource.gate-kube-prometheus-stack',
      'helm_release.otel-collector',
    ]);
  });
});

const app = (more: Partial<Component> = {}) =>
  defineComponent({ id: 'app', summary: 'app', roles: [], namespace: { name: 'app', podSecurity: 'restricted' }, ...more });
const agentWith = (more: Partial<AgentClusterProps>) => () =>
  synthesize((scope) => new AgentCluster(scope, 'agent', { ...place(edge, hub), ...more }));

describe('contracts of the fleet', () => {
  const object = (kind: string, spec: object, name = 'app') => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'app' }, spec });
  const holding = (...resources: ReturnType<typeof object>[]) => ({ components: [app({ resources: () => resources })] });
  const copy = (deletionPolicy: string) => object('ExternalSecret', { target: { name: 'login', deletionPolicy } });
  const reads = (more: object) => object('Deployment', { env: [{ valueFrom: { secretKeyRef: { name: 'login', key: 'p', ...more } } }] });
  const issuers = (...resources: object[]) => ({
    components: [app({ provides: ['issuer'], resources: () => [object('ClusterIssuer', { vault: {} }, 'real'), ...resources] as never })],
  });
  const disks = (diskGiB: number) => ({ cluster: { ...edge, nodes: edge.nodes.map((node) => ({ ...node, diskGiB })) } });
  const store = defineComponent({ ...app(), id: 'store', namespace: { name: 'store', podSecurity: 'restricted' } });

  // Beside each the same, mended: it is the contract that refuses, and nothing else.
  test.each<[string, Partial<AgentClusterProps>, string, Partial<AgentClusterProps>]>([
    [
      'an init container that waits for the hub (C1)',
      holding(object('Pod', { initContainers: [{ command: ['nc', 'vault-fleet.vault.svc'] }] })),
      'does not start before vault-fleet of the hub answers',
      holding(object('Pod', { containers: [{ command: ['nc', 'vault-fleet.vault.svc'] }] })),
    ],
    [
      'a step of what uses the hub (C1)',
      { components: [app({ reaches: [store], steps: [{ id: 'join', script: 'host/join.sh' }] })] },
      'step join of app runs on agent "edge", and app uses store of the hub',
      { components: [app({ steps: [{ id: 'join', script: 'host/join.sh' }] })] },
    ],
    [
      'a Secret that is brought from the hub (C1)',
      holding(copy('Retain'), reads({})),
      'mounts the Secret app/login',
      holding(copy('Retain'), reads({ optional: true })),
    ],
    ['disks that cannot hold what is promised (C2)', disks(9), 'promises to keep while the hub is away', disks(20)],
    ['a copy of a secret that goes with its source (C3)', holding(copy('Delete')), 'deletionPolicy Delete', holding(copy('Retain'))],
    [
      'a component that agents must not have (C4)',
      { components: [app({ never: ['agent'] })] },
      'app must not be in cluster "edge"',
      { components: [app({ never: ['hub'] })] },
    ],
    [
      'such a one, required by another (C4)',
      { components: [app({ requires: [defineComponent({ ...store, never: ['agent'] })] })] },
      'store must not be in cluster "edge"',
      { components: [app({ requires: [store] })] },
    ],
    [
      'an issuer that vouches for itself beside a real one (C5)',
      issuers(object('ClusterIssuer', { selfSigned: {} }, 'first')),
      'issuer first of app vouches for itself',
      issuers(),
    ],
    [
      'a certificate of an issuer that nobody makes (C5)',
      issuers(object('Certificate', { issuerRef: { name: 'other' } })),
      'asks issuer other, which nobody makes',
      issuers(object('Certificate', { issuerRef: { name: 'real' } })),
    ],
    [
      'a value that a contract fixes (C6)',
      { components: [app({ fixed: { mode: 'vxlan' } })], values: { app: { mode: 'native' } } },
      'has to be "vxlan"',
      { components: [app({ fixed: { mode: 'vxlan' } })], values: { app: { mode: 'vxlan' } } },
    ],
  ])('refuse %s', (_, broken, words, mended) => {
    expect(agentWith(broken)).toThrow(words);
    expect(agentWith(mended)).not.toThrow();
  });

  test('no hub, no agent', () => expect(agentWith({ others: [] })).toThrow('a hub among the other clusters'));

  test('hold for what others put into its set, also afterwards', () => {
    const shared = (later: Component) => () =>
      synthesize((scope) => {
        const { set } = new AgentCluster(scope, 'agent', place(edge, hub));
        install(scope, { ...place(edge, hub), set }, [later]);
      });
    expect(shared(app({ never: ['agent'] }))).toThrow('app must not be in cluster "edge"');
    expect(shared(holding(copy('Delete')).components[0]!)).toThrow('deletionPolicy Delete');
    expect(shared(app())).not.toThrow();
  });
});

describe('nothing on an agent waits for the hub', () => {
  const raw = { chart: null, dependsOn: [], timeoutSeconds: 60, values: {}, resources: [], ready: [] };
  const setOf = (scope: Construct, name: string, more: object = {}) =>
    new ComponentSet(scope, `set-${name}`, {
      uid: 'abc123',
      cluster: name,
      kubeconfig: `kubeconfig/${name}`,
      prefix: `${name}-`,
      components: [{ ...raw, id: 'net', namespace: { name: 'kube-system', podSecurity: null } }],
      ...more,
    });
  const script = (scope: Construct, id: string, input: object, dependsOn: AgentClusterProps['after'] = []) =>
    new HostScript(scope, id, { run: 'host/ssh-key.sh', input: { ...input }, dependsOn });
  const afterwards = (after: (scope: Construct) => NonNullable<AgentClusterProps['after']>[number]) => () =>
    synthesize((scope) => new AgentCluster(scope, 'agent', { ...place(edge, hub), after: [after(scope)] }));

  test.each<[string, (scope: Construct) => NonNullable<AgentClusterProps['after']>[number], string]>([
    ['a component of its set', (scope) => setOf(scope, 'hub').end('net'), 'waits for helm_release.hub-net of cluster "hub"'],
    [
      'that, by way of a script',
      (scope) => script(scope, 'between', {}, [setOf(scope, 'hub').end('net')]),
      'by way of null_resource.between',
    ],
    ['a script that names it', (scope) => script(scope, 'join', { cluster: 'hub' }), 'waits for null_resource.join of cluster "hub"'],
    [
      'being let in by Vault',
      (scope) =>
        new VaultPki(scope, 'pki', { ...place(hub, edge), prefix: 'hub-', authority: 'Example' }).admit(edge, 'kubeconfig/edge').ready,
      'waits for null_resource.hub-access-edge-vault-auth of cluster "hub"',
    ],
    [
      'what its provider makes',
      (scope) => {
        const configPath = 'k';
        const providers = {
          helm: new HelmProvider(scope, 'helm', { alias: 'hub', kubernetes: { configPath } }),
          kubernetes: new KubernetesProvider(scope, 'kubernetes', { alias: 'hub', configPath }),
        };
        setOf(scope, 'hub', { providers });
        return new NamespaceV1(scope, 'theirs', { metadata: { name: 'theirs' }, provider: providers.kubernetes });
      },
      'waits for kubernetes_namespace_v1.theirs of cluster "hub"',
    ],
  ])('not for %s', (_, after, words) => expect(afterwards(after)).toThrow(words));

  test('not by a value that it reads, and not by the order of stacks', () => {
    const reading = () =>
      synthesize((scope) => {
        const theirs = setOf(scope, 'hub').end('net');
        const value = script(scope, 'read', { said: '' });
        new AgentCluster(scope, 'agent', { ...place(edge, hub), after: [value] });
        (value.node.findChild('Resource') as Resource).addOverride('triggers.said', `\${${'helm_release.hub-net'}.status}`);
        return theirs;
      });
    expect(reading).toThrow('by way of null_resource.read');
    const stacks = (name: string) => () =>
      synthesize((scope) => {
        const before = new TerraformStack(scope.node.root, 'before');
        setOf(before, name);
        TerraformStack.of(scope).addDependency(before);
        new AgentCluster(scope, 'agent', place(edge, hub));
      });
    expect(stacks('hub')).toThrow('stack stack waits for stack before of cluster "hub"');
    expect(stacks('edge')).not.toThrow();
  });

  test('for what is its own it may', () => {
    expect(afterwards((scope) => setOf(scope, 'edge').end('net'))).not.toThrow();
    expect(afterwards((scope) => script(scope, 'join', { cluster: 'edge' }))).not.toThrow();
  });
});

test('policies of Kyverno hold in the namespace of workloads and pass by those of the platform', () => {
  const { json, values } = synthesize(
    (scope) => new AgentCluster(scope, 'agent', { ...place(edge, hub), components: [kyvernoPolicies, production] }),
  );
  type Expression = { key: string; operator: 'DoesNotExist' | 'NotIn'; values?: string[] };
  const selectors: Expression[][] = [
    ...values('kyverno-policies').resources.map(({ spec }: Loose) => spec.matchConstraints.namespaceSelector.matchExpressions),
    values('kyverno').config.webhooks.namespaceSelector.matchExpressions,
  ];
  const matches = (labels: Readonly<Record<string, string>>, expressions: Expression[]): boolean =>
    expressions.every(({ key, operator, values: not = [] }) =>
      operator === 'DoesNotExist' ? !(key in labels) : !not.includes(labels[key]!),
    );
  const namespaces = Object.values(json.resource.kubernetes_namespace_v1!).map(
    ({ metadata }) => metadata as { name: string; labels: Record<string, string> },
  );
  expect(selectors).toHaveLength(6);
  for (const selector of selectors)
    expect(
      namespaces
        .filter(({ name, labels }) => matches({ ...labels, 'kubernetes.io/metadata.name': name }, selector))
        .map(({ name }) => name),
    ).toEqual(['production']);
});

describe('with `closed`, every namespace that is made', () => {
  const lib = defineComponent({
    ...app(),
    id: 'lib',
    namespace: { name: 'lib', podSecurity: 'restricted' },
    traffic: { fromApiServer: [9443] },
  });
  const { json, values } = synthesize((scope) => {
    const mesh = new CiliumMesh(scope, 'mesh', place(edge, hub));
    new AgentCluster(scope, 'agent', { ...place(edge, hub), set: mesh.set, components: [app({ requires: [lib] }), externalSecretsStore] });
  });
  const policies = () =>
    values('default-deny').resources as { metadata: { name: string; namespace: string }; spec: Record<string, unknown> }[];
  /** Namespaces that lack one of the two policies. */
  const open = ({ resource }: Json, closing: ReturnType<typeof policies>): readonly string[] =>
    Object.values(resource.kubernetes_namespace_v1!)
      .map(({ metadata }) => (metadata as { name: string }).name)
      .filter((name) =>
        ['default-deny', 'openings'].some(
          (policy) => !closing.some(({ metadata }) => metadata.name === policy && metadata.namespace === name),
        ),
      );

  test('is denied all but what its components need: its own, what is required, what others put there, ways to the hub', () => {
    expect(Object.keys(json.resource.kubernetes_namespace_v1!)).toEqual(
      expect.arrayContaining(
        ['app', 'lib', gateway.namespace.name, 'vault', 'external-secrets', 'monitoring'].map((name) => `namespace-${name}`),
      ),
    );
    expect(open(json, policies())).toEqual([]);
    expect(
      open(
        json,
        policies().filter(({ metadata }) => metadata.namespace !== 'lib'),
      ),
    ).toEqual(['lib']);
    const opening = policies().find(({ metadata }) => metadata.name === 'openings' && metadata.namespace === 'lib')!;
    expect(JSON.stringify(opening.spec.ingress)).toContain('9443');
    expect(JSON.stringify(opening.spec.ingress)).toContain('"kubernetes.io/metadata.name":"app"');
  });

  test('and that is said when all else is there', () => {
    const ways = Object.keys(json.resource.helm_release!).filter((name) => name.endsWith('-fleet'));
    expect(ways).toEqual(expect.arrayContaining(['vault-fleet', 'loki-fleet']));
    const before = Object.keys(json.resource.helm_release!).filter((name) => name !== 'default-deny' && !ways.includes(name));
    for (const early of before)
      expect([early, comesAfter(json, 'helm_release.default-deny', `helm_release.${early}`)]).toEqual([early, true]);
  });
});
