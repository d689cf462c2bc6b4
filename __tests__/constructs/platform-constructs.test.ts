import '../../constructs/quiet-stack-traces';
import { TerraformStack, Testing } from 'cdktf';
import type { Construct } from 'constructs';
import { type ContextCluster, defineComponent, type Role } from '../../components/define';
import { localPath } from '../../components/local-path';
import { AgentCluster, type AgentClusterProps } from '../../constructs/agent-cluster';
import { CiliumMesh } from '../../constructs/cilium-mesh';
import { ComponentSet } from '../../constructs/component-set';
import { install } from '../../constructs/installation';
import { ObservabilityHub } from '../../constructs/observability-hub';
import { VaultPki } from '../../constructs/vault-pki';
import type { Json as Loose } from '../model/lab';
import { before, type Json, redundant, resourceEdges } from '../order/stack-graph';

const cluster = (name: string, id: number, role: Role, more: Partial<ContextCluster> = {}): ContextCluster => ({
  name,
  id,
  role,
  podCidr: `10.${100 + id}.0.0/16`,
  serviceCidr: `10.${200 + id}.0.0/16`,
  api: { name: `api.${name}.example.internal`, port: 6443 },
  nodes: [
    { name: `${name}-cp`, role: 'control-plane', address: `10.9.${id}.1`, cpus: 2, memoryMiB: 4096, diskGiB: 40 },
    { name: `${name}-worker`, role: 'worker', address: `10.9.${id}.2`, cpus: 4, memoryMiB: 8192, diskGiB: 60 },
  ],
  ...more,
});
const hub = cluster('hub', 1, 'hub');
const edge = cluster('edge', 2, 'agent');
const far = cluster('far', 3, 'agent', { loadBalancerPool: '192.168.64.231-192.168.64.240' });
const place = (of: ContextCluster, ...others: ContextCluster[]) => ({
  uid: 'abc123',
  cluster: of,
  others,
  kubeconfig: `kubeconfig/${of.name}`,
  domain: 'example.internal',
  kubernetesVersion: '1.35.4',
});

/** A stack with what is made in it, and the handles. */
function synthesize<T>(make: (scope: Construct) => T): { json: Json; made: T; values: (release: string) => Record<string, Loose> } {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const made = make(stack);
  const json: Json = JSON.parse(Testing.synth(stack));
  const values = (release: string) => JSON.parse((json.resource.helm_release![release]!.values as [string])[0]);
  return { json, made, values };
}
/** Made when it is first asked for, and once. */
function once<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => {
    if (made.length === 0) made.push(make());
    return made[0]!;
  };
}
const needs = (json: Json, type: string, name: string) => json.resource[type]![name]!.depends_on;
const input = (json: Json, name: string) => JSON.parse((json.resource.null_resource![name]!.triggers as { input: string }).input);
const comesAfter = (json: Json, late: string, early: string): boolean => before(resourceEdges(json), late).has(early);

describe('CiliumMesh', () => {
  const two = once(() =>
    synthesize((scope) => ({
      here: new CiliumMesh(scope, 'here', { ...place(hub, edge, far) }),
      there: new CiliumMesh(scope, 'there', { ...place(far, hub), prefix: 'far-', gateway: false, hubblePort: null }),
    })),
  );

  test('two that differ: identity, peers, what is announced, Hubble and gateway', () => {
    const { json, made, values } = two();
    expect(values('cilium')).toMatchObject({
      cluster: { name: 'hub', id: 1 },
      hubble: { ui: { service: { nodePort: 31235 } } },
      tunnelProtocol: 'vxlan',
    });
    expect(values('far-cilium')).toMatchObject({
      cluster: { name: 'far', id: 3 },
      k8sServiceHost: 'api.far.example.internal',
      hubble: { ui: { enabled: false } },
    });
    expect([made.here.peers, made.there.peers]).toEqual([['edge', 'far'], ['hub']]);
    expect(made.here.peerPort).toBe(32379);
    expect(made.here.gateway).toMatchObject({ namespace: 'gateway-system', name: 'main-gateway' });
    expect(made.there.gateway).toBeNull();
    expect(
      Object.keys(json.resource.helm_release!)
        .filter((name) => /gateway$|metallb|node-port/.test(name))
        .sort(),
    ).toEqual(['far-metallb', 'far-metallb-pools', 'gateway', 'node-port']);
    expect(JSON.stringify(values('far-metallb-pools'))).toContain('192.168.64.231-192.168.64.240');
  });

  test('one authority for all, laid down before the release; definitions come first, gateway and addresses after the network', () => {
    const { json, made } = two();
    for (const prefix of ['', 'far-']) {
      expect(input(json, `${prefix}secrets-cilium`).secrets).toMatchObject([
        { name: 'cilium-ca', helmOwned: true, keys: { 'ca.crt': '{cilium-ca.crt}' } },
      ]);
      expect(needs(json, 'helm_release', `${prefix}cilium`)).toEqual([
        `null_resource.${prefix}gate-gateway-api-crds`,
        `null_resource.${prefix}secrets-cilium`,
      ]);
    }
    expect(made.here.authority).toEqual({ namespace: 'kube-system', secret: 'cilium-ca' });
    expect(comesAfter(json, 'helm_release.gateway', 'null_resource.gate-node-port')).toBe(true);
    expect(comesAfter(json, 'helm_release.far-metallb-pools', 'null_resource.far-gate-cilium')).toBe(true);
    expect(redundant(json)).toEqual([]);
  });

  test.each([
    ['the same id', cluster('other', 1, 'agent', { podCidr: '10.150.0.0/16' }), 'have the same id 1'],
    ['the same name', cluster('hub', 9, 'agent'), 'two clusters of the mesh are called "hub"'],
    ['pods at the same addresses', cluster('other', 9, 'agent', { podCidr: '10.101.128.0/17' }), 'share addresses'],
  ])('clusters with %s are no mesh', (_, other, words) => {
    expect(() => synthesize((scope) => new CiliumMesh(scope, 'mesh', place(hub, other)))).toThrow(words);
  });
});

describe('VaultPki', () => {
  const two = once(() =>
    synthesize((scope) => {
      const here = new VaultPki(scope, 'here', { ...place(hub, edge), authority: 'Example' });
      const there = new VaultPki(scope, 'there', {
        ...place(cluster('other', 4, 'hub')),
        prefix: 'far-',
        authority: 'Other',
        allowedDomains: ['other.internal'],
        maxHours: 24,
        unseal: { shares: 1, threshold: 1 },
        unsealCommand: ['pass'],
      });
      return { here, there, door: here.admit(edge, 'kubeconfig/edge') };
    }),
  );

  test('two that differ: authority, domains, hours, keys and who keeps them', () => {
    const { json } = two();
    expect(input(json, 'step-vault-pki')).toMatchObject({ name: 'Example', allowedDomains: ['example.internal', 'svc.cluster.local'] });
    expect(input(json, 'far-step-vault-pki')).toMatchObject({
      name: 'Other',
      allowedDomains: ['other.internal'],
      maxHours: 24,
      unsealCommand: ['pass'],
    });
    expect(input(json, 'far-step-vault-init')).toMatchObject({ shares: 1, threshold: 1, unsealCommand: ['pass'] });
    expect(input(json, 'step-vault-init')).not.toHaveProperty('unsealCommand');
  });

  test('both phases in their order: certificates, Vault, its scripts, the issuer; then the store that secrets are copied from', () => {
    const { json, made } = two();
    for (const prefix of ['', 'far-']) {
      const steps = ['init', 'unseal', 'pki', 'policies'].map((step) => `null_resource.${prefix}step-vault-${step}`);
      const order = [
        `null_resource.${prefix}gate-cert-manager`,
        `helm_release.${prefix}vault`,
        ...steps,
        `null_resource.${prefix}gate-vault`,
        `helm_release.${prefix}vault-issuer`,
      ];
      for (const [index, late] of order.slice(1).entries()) expect([late, comesAfter(json, late, order[index]!)]).toEqual([late, true]);
      expect(comesAfter(json, `helm_release.${prefix}external-secrets-store`, `null_resource.${prefix}gate-vault`)).toBe(true);
    }
    expect(made.here).toMatchObject({
      url: 'http://vault-fleet.vault.svc:8200',
      issuer: { kind: 'ClusterIssuer', name: 'vault-issuer' },
      store: { kind: 'ClusterSecretStore', name: 'vault' },
    });
    expect(redundant(json)).toEqual([]);
  });

  test('another cluster is let in after Vault is open, with policies of its own, again when it is another cluster', () => {
    const { json, made } = two();
    expect(made.door.mount).toBe('kubernetes-edge');
    expect(input(json, 'access-edge-vault-auth')).toMatchObject({
      cluster: 'hub',
      client: 'edge',
      kubernetesHost: 'https://api.edge.example.internal:6443',
    });
    expect(Object.keys(input(json, 'access-edge-vault-policies').policies)).toContain('external-secrets-edge');
    expect(comesAfter(json, 'null_resource.access-edge-vault-auth', 'null_resource.gate-vault')).toBe(true);
    expect((json.resource.null_resource!['access-edge-vault-auth']!.triggers as Record<string, string>).client).toContain(
      'kubeconfig/edge',
    );
  });

  test('more keys than there are never open it', () => {
    const props = { ...place(hub), authority: 'Example', unseal: { shares: 3, threshold: 5 } };
    expect(() => synthesize((scope) => new VaultPki(scope, 'pki', props))).toThrow('5 of 3 unseal keys can never open Vault');
  });
});

describe('ObservabilityHub', () => {
  const two = once(() =>
    synthesize((scope) => ({
      here: new ObservabilityHub(scope, 'here', place(hub)),
      there: new ObservabilityHub(scope, 'there', {
        ...place(cluster('other', 4, 'hub')),
        prefix: 'far-',
        keepDays: { metrics: 90, logs: 14, traces: 5 },
        grafanaPort: 30301,
        alertWebhook: 'https://pager.example.internal/',
      }),
    })),
  );

  test('two that differ: how long, where, and who hears of alerts', () => {
    const { json, values } = two();
    expect([values('thanos').compactor.retention.resolutionRaw, values('far-thanos').compactor.retention]).toEqual([
      '30d',
      { resolutionRaw: '90d', resolution5m: '180d', resolution1h: '270d' },
    ]);
    expect(values('far-loki').loki.limits_config).toMatchObject({
      retention_period: '336h',
      reject_old_samples_max_age: '336h',
      allow_structured_metadata: true,
    });
    expect([values('tempo').tempo.retention, values('far-tempo').tempo.retention]).toEqual(['48h', '120h']);
    expect([values('grafana').service.nodePort, values('far-grafana').service.nodePort]).toEqual([30300, 30301]);
    const alerting = (release: string) => values(release).alertmanager.config;
    expect(JSON.stringify(alerting('kube-prometheus-stack'))).toContain('webhook-logger.monitoring.svc');
    expect(JSON.stringify(alerting('far-kube-prometheus-stack'))).toContain('https://pager.example.internal/');
    const named = ({ route, receivers }: Loose) =>
      [route, ...route.routes].filter(({ receiver }) => !receivers.some(({ name }: { name: string }) => name === receiver));
    for (const release of ['kube-prometheus-stack', 'far-kube-prometheus-stack']) expect(named(alerting(release))).toEqual([]);
    expect(Object.keys(json.resource.helm_release!)).not.toContain('far-webhook-logger');
  });

  test('stores come after the object store, what writes and looks after the stores; a sink has one name in every cluster', () => {
    const { json, made } = two();
    for (const prefix of ['', 'far-'])
      for (const [late, early] of [
        ['thanos', 'seaweedfs'],
        ['loki', 'seaweedfs'],
        ['tempo', 'seaweedfs'],
        ['kube-prometheus-stack', 'thanos'],
        ['otel-collector', 'loki'],
        ['grafana', 'kube-prometheus-stack'],
      ])
        expect([late, comesAfter(json, `helm_release.${prefix}${late}`, `null_resource.${prefix}gate-${early}`)]).toEqual([late, true]);
    expect(made.here.metrics.url).toBe('http://thanos-receive-fleet.monitoring.svc:10908/api/v1/receive');
    expect([made.here.logs.url, made.here.traces.url]).toEqual([
      'http://loki-fleet.monitoring.svc:3100/otlp',
      'tempo-fleet.monitoring.svc:4317',
    ]);
    expect(made.here.tenant('edge')).toEqual({ 'THANOS-TENANT': 'edge' });
    const services = JSON.parse((json.resource.helm_release!['thanos-resources']!.values as [string])[0]).resources;
    expect(services).toMatchObject([
      { kind: 'Service', metadata: { name: 'thanos-receive-fleet', annotations: { 'service.cilium.io/global': 'true' } } },
    ]);
    expect(redundant(json)).toEqual([]);
  });

  test('what agents may send late must not be thrown away', () => {
    const props = { ...place(hub), keepDays: { logs: 0.5 } };
    expect(() => synthesize((scope) => new ObservabilityHub(scope, 'hub', props))).toThrow('logs of 0.5 days are less than the 1');
    // The smaller the machines, the longer their queue lasts: 31 hours at 4 GiB.
    const small = cluster('small', 6, 'agent', { nodes: edge.nodes.map((node) => ({ ...node, memoryMiB: 4096 })) });
    const keeping = (logs: number) => () =>
      synthesize((scope) => new ObservabilityHub(scope, 'hub', { ...place(hub, small), keepDays: { logs } }));
    expect(keeping(1)).toThrow('logs of 1 days are less than the 2');
    expect(keeping(2)).not.toThrow();
  });
});

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

  const refused = (more: Partial<AgentClusterProps>) => () =>
    synthesize((scope) => new AgentCluster(scope, 'agent', { ...place(edge, hub), ...more }));
  const app = (more: object) =>
    defineComponent({ id: 'app', summary: 'app', roles: [], namespace: { name: 'app', podSecurity: 'restricted' }, ...more });
  const shallow = { ...edge, nodes: edge.nodes.map((node) => ({ ...node, diskGiB: 9 })) };

  test.each<[string, () => unknown, string]>([
    ['no hub', refused({ others: [] }), 'a hub among the other clusters'],
    [
      'something that waits for the hub (C1)',
      refused({ components: [app({ resources: () => [waits] })] }),
      'does not start before vault-fleet of the hub answers',
    ],
    ['disks that cannot hold what is promised (C2)', refused({ cluster: shallow }), 'promises to keep while the hub is away'],
    [
      'a copy of a secret that goes with its source (C3)',
      refused({ components: [app({ resources: () => [fleeting] })] }),
      'deletionPolicy Delete',
    ],
    [
      'a component that agents must not have (C4)',
      refused({ components: [app({ never: ['agent'] })] }),
      'app must not be in cluster "edge"',
    ],
    [
      'a value that a contract fixes (C6)',
      refused({ components: [app({ fixed: { mode: 'vxlan' } })], values: { app: { mode: 'native' } } }),
      'has to be "vxlan"',
    ],
  ])('refuses %s', (_, make, words) => expect(make).toThrow(words));

  const waits = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', namespace: 'app' },
    spec: { initContainers: [{ command: ['nc', 'vault-fleet.vault.svc'] }] },
  };
  const fleeting = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'login' },
    spec: { target: { deletionPolicy: 'Delete' } },
  };
});

test('several of them share one set: what one provides goes before what another requires, and a component comes once', () => {
  const { json } = synthesize((scope) => {
    const set = new ComponentSet(scope, 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'kubeconfig/hub', components: [] });
    const shared = { ...place(hub, edge), set };
    new CiliumMesh(scope, 'mesh', shared);
    install(scope, shared, [localPath]);
    new VaultPki(scope, 'pki', { ...shared, authority: 'Example' });
    new ObservabilityHub(scope, 'observability', shared);
  });
  expect(comesAfter(json, 'helm_release.local-path', 'null_resource.gate-cilium')).toBe(true);
  expect(comesAfter(json, 'helm_release.vault', 'null_resource.gate-local-path')).toBe(true);
  expect(comesAfter(json, 'helm_release.seaweedfs', 'null_resource.gate-local-path')).toBe(true);
  expect(redundant(json)).toEqual([]);
});

test('alone, everything waits for what somebody else has made', () => {
  const { json } = synthesize((scope) => {
    const network = new ComponentSet(scope, 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'k', prefix: 'their-', components: [] });
    network.add({
      id: 'net',
      namespace: { name: 'kube-system', podSecurity: null },
      chart: null,
      dependsOn: [],
      timeoutSeconds: 60,
      values: {},
      resources: [],
      ready: [],
    });
    new VaultPki(scope, 'pki', { ...place(hub), authority: 'Example', after: [network.end('net')] });
  });
  for (const release of ['cert-manager', 'vault', 'external-secrets-store'])
    expect(comesAfter(json, `helm_release.${release}`, 'helm_release.their-net')).toBe(true);
  expect(redundant(json)).toEqual([]);
});
