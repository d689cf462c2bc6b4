import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Resource } from '@cdktf/provider-null/lib/resource';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type Component, defineComponent } from '../../components/define';
import { gateway } from '../../components/network/gateway';
import { externalSecretsStore } from '../../components/pki/external-secrets-store';
import { kyvernoPolicies } from '../../components/policy/kyverno-policies';
import { production } from '../../components/policy/production';
import { AgentCluster } from '../../constructs/agent-cluster';
import { CiliumMesh } from '../../constructs/cilium-mesh';
import { HostScript } from '../../constructs/host-script';
import type { PlatformPlacement, Ready } from '../../constructs/platform';
import type { ClusterPlatformProps } from '../../constructs/platform-cluster';
import { VaultPki } from '../../constructs/vault-pki';
import type { Json as Loose } from '../support/fleet-fixture';
import { cluster, comesAfter, edge, hub, once, platform, synthesize } from '../support/places';
import { type Json, redundant, resourceEdges } from '../support/stack-graph';

describe('AgentCluster', () => {
  const big = cluster('big', 5, 'agent', { nodes: edge.nodes.map((node) => ({ ...node, name: `big-${node.role}`, memoryMiB: 16384 })) });
  const two = once(() =>
    synthesize((scope) => ({
      small: new AgentCluster(platform(scope, edge, [hub]), 'agent'),
      big: new AgentCluster(platform(scope, big, [hub], { prefix: 'far-', defaultDeny: false }), 'agent'),
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

  test('has the services of the hub, and only the network policies come after them', () => {
    const { json, made } = two();
    expect(made.small.services).toEqual([
      'thanos-receive-fleet.monitoring.svc:10908',
      'loki-fleet.monitoring.svc:3100',
      'tempo-fleet.monitoring.svc:4317',
    ]);
    const edges = resourceEdges(json);
    for (const way of ['thanos-fleet', 'loki-fleet', 'tempo-fleet'])
      expect([...edges].filter(([, wanted]) => wanted.includes(`helm_release.${way}`)).map(([address]) => address)).toEqual([
        'helm_release.default-deny',
      ]);
    for (const early of ['null_resource.gate-kube-prometheus-stack', 'helm_release.otel-collector'])
      expect(comesAfter(json, 'helm_release.default-deny', early)).toBe(true);
    expect(redundant(json)).toEqual([]);
  });

  test('what stands for collecting comes after both collectors, and nothing of the hub', () => {
    const { json } = synthesize((scope) => {
      const { ready } = new AgentCluster(platform(scope, edge, [hub]), 'agent');
      new HostScript(scope, 'look', { run: 'host/ssh-key.sh', input: {}, dependsOn: ready });
    });
    expect(resourceEdges(json).get('null_resource.look')).toEqual([
      'null_resource.gate-kube-prometheus-stack',
      'helm_release.otel-collector',
    ]);
  });
});

const app = (more: Partial<Component> = {}) =>
  defineComponent({ id: 'app', summary: 'app', roles: [], namespace: { name: 'app', podSecurity: 'restricted' }, ...more });
type AgentChange = Partial<ClusterPlatformProps> & PlatformPlacement & { readonly components?: readonly Component[] };
/** An agent with components of its own. */
const agentWith =
  ({ components = [], ...more }: AgentChange) =>
  () =>
    synthesize((scope) => {
      const of = platform(scope, edge, [hub], more);
      new AgentCluster(of, 'agent');
      of.install(components);
    });

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
  test.each<[string, AgentChange, string, AgentChange]>([
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

  test('no hub, no agent', () => expect(agentWith({ others: [] })).toThrow('an agent needs role agent and another cluster of role hub'));

  test('hold for components that are installed before and after the construct is created', () => {
    const installed = (later: Component) => () =>
      synthesize((scope) => {
        const of = platform(scope, edge, [hub]);
        of.install([later]);
        new AgentCluster(of, 'agent');
      });
    expect(installed(app({ never: ['agent'] }))).toThrow('app must not be in cluster "edge"');
    expect(installed(holding(copy('Delete')).components[0]!)).toThrow('deletionPolicy Delete');
    expect(installed(app())).not.toThrow();
  });
});

describe('nothing on an agent waits for the hub', () => {
  const net = app({ id: 'net', namespace: { name: 'kube-system' } });
  /** The platform of another cluster in the same app. */
  const other = (scope: Construct, of = hub, more: PlatformPlacement = {}) => {
    const made = platform(scope, { ...of, name: `${of.name}` }, [], { prefix: `${of.name}-`, defaultDeny: false, ...more });
    made.install([net]);
    return made;
  };
  const script = (scope: Construct, id: string, input: object, dependsOn: Ready = []) =>
    new HostScript(scope, id, { run: 'host/ssh-key.sh', input: { ...input }, dependsOn });
  const afterwards = (after: (scope: Construct) => Ready) => () =>
    synthesize((scope) => new AgentCluster(platform(scope, edge, [hub], { dependsOn: after(scope) }), 'agent'));

  test.each<[string, (scope: Construct) => Ready, string]>([
    ['a component of its platform', (scope) => other(scope).ready(net), 'depends on helm_release.hub-net of cluster "hub"'],
    ['that, by way of a script', (scope) => [script(scope, 'between', {}, other(scope).ready(net))], 'through null_resource.between'],
    ['a script that names it', (scope) => [script(scope, 'join', { cluster: 'hub' })], 'depends on null_resource.join of cluster "hub"'],
    [
      'being let in by Vault',
      (scope) => new VaultPki(platform(scope, hub, [edge], { prefix: 'hub-' }), 'pki').admit(edge, 'kubeconfig/edge').ready,
      'depends on null_resource.hub-access-edge-vault-auth of cluster "hub"',
    ],
    [
      'what its provider makes',
      (scope) => {
        const configPath = 'k';
        const providers = {
          helm: new HelmProvider(scope, 'helm', { alias: 'hub', kubernetes: { configPath } }),
          kubernetes: new KubernetesProvider(scope, 'kubernetes', { alias: 'hub', configPath }),
        };
        other(scope, hub, { providers });
        return [new NamespaceV1(scope, 'theirs', { metadata: { name: 'theirs' }, provider: providers.kubernetes })];
      },
      'depends on kubernetes_namespace_v1.theirs of cluster "hub"',
    ],
  ])('not for %s', (_, after, words) => expect(afterwards(after)).toThrow(words));

  test('not by a value that it reads, and not by the order of stacks', () => {
    const reading = () =>
      synthesize((scope) => {
        const theirs = other(scope).ready(net);
        const value = script(scope, 'read', { said: '' });
        new AgentCluster(platform(scope, edge, [hub], { dependsOn: [value] }), 'agent');
        (value.node.findChild('Resource') as Resource).addOverride('triggers.said', `\${${'helm_release.hub-net'}.status}`);
        return theirs;
      });
    expect(reading).toThrow('through null_resource.read');
    const stacks = (of: typeof hub) => () =>
      synthesize((scope) => {
        const before = new TerraformStack(scope.node.root, 'before');
        other(before, of);
        TerraformStack.of(scope).addDependency(before);
        new AgentCluster(platform(scope, edge, [hub]), 'agent');
      });
    expect(stacks(hub)).toThrow('stack stack depends on stack before of cluster "hub"');
    expect(stacks(edge)).not.toThrow();
  });

  test('resources of the same cluster are allowed', () => {
    expect(afterwards((scope) => [script(scope, 'join', { cluster: 'edge' })])).not.toThrow();
    expect(afterwards((scope) => [script(scope, 'other', {})])).not.toThrow();
  });
});

test('policies of Kyverno hold in the namespace of workloads and pass by those of the platform', () => {
  const { json, values } = synthesize((scope) => {
    const of = platform(scope, edge, [hub]);
    new AgentCluster(of, 'agent');
    of.install([kyvernoPolicies, production]);
  });
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

describe('with default deny, every namespace that is made', () => {
  const lib = defineComponent({
    ...app(),
    id: 'lib',
    namespace: { name: 'lib', podSecurity: 'restricted' },
    traffic: { fromApiServer: [9443] },
  });
  const { json, values } = synthesize((scope) => {
    const of = platform(scope, edge, [hub]);
    new CiliumMesh(of, 'mesh');
    new AgentCluster(of, 'agent');
    of.install([app({ requires: [lib] }), externalSecretsStore]);
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
