import { CiliumMesh } from '../../constructs/cilium-mesh';
import { ComponentSet } from '../../constructs/component-set';
import { HostScript, type HostScriptProps } from '../../constructs/host-script';
import { ObservabilityHub } from '../../constructs/observability-hub';
import { VaultPki } from '../../constructs/vault-pki';
import type { Json as Loose } from '../support/fleet-fixture';
import { cluster, comesAfter, edge, far, hub, input, needs, once, platform, raw, synthesize } from '../support/places';
import { redundant } from '../support/stack-graph';

describe('CiliumMesh', () => {
  const two = once(() =>
    synthesize((scope) => ({
      here: new CiliumMesh(platform(scope, hub, [edge, far]), 'mesh'),
      there: new CiliumMesh(platform(scope, far, [hub], { prefix: 'far-' }), 'mesh', { gateway: false, hubblePort: null }),
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

  test('what it hands out stands for the network, addresses and the gateway being there', () => {
    const { json } = synthesize((scope) => {
      const mesh = new CiliumMesh(platform(scope, hub), 'mesh');
      const after = { pods: mesh.ready, addresses: mesh.loadBalancer.ready, routes: mesh.gateway!.ready };
      for (const [id, dependsOn] of Object.entries(after)) new HostScript(scope, id, { run: 'host/ssh-key.sh', input: {}, dependsOn });
    });
    expect(['pods', 'addresses', 'routes'].map((name) => needs(json, 'null_resource', name))).toEqual([
      ['null_resource.gate-cilium'],
      ['null_resource.gate-node-port'],
      ['null_resource.gate-gateway'],
    ]);
  });

  test.each([
    ['the same id', cluster('other', 1, 'agent', { podCidr: '10.150.0.0/16' }), 'have the same id 1'],
    ['the same name', cluster('hub', 9, 'agent'), 'two clusters of the mesh are called "hub"'],
    ['pods at the same addresses', cluster('other', 9, 'agent', { podCidr: '10.101.128.0/17' }), 'share addresses'],
  ])('clusters with %s are no mesh', (_, other, words) => {
    expect(() => synthesize((scope) => new CiliumMesh(platform(scope, hub, [other]), 'mesh'))).toThrow(words);
  });
});

describe('VaultPki', () => {
  const two = once(() =>
    synthesize((scope) => {
      const here = new VaultPki(platform(scope, hub, [edge]), 'pki', { authority: 'Example' });
      const there = new VaultPki(platform(scope, cluster('other', 4, 'hub'), [], { prefix: 'far-' }), 'pki', {
        authority: 'Other',
        allowedDomains: ['other.internal'],
        maxHours: 24,
        unseal: { shares: 1, threshold: 1 },
        unsealCommand: ['pass'],
      });
      return { here, there, door: here.admit(edge, 'kubeconfig/edge'), otherDoor: there.admit(edge, 'kubeconfig/edge') };
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

  test('what it hands out stands for Vault being open, the issuer and the store', () => {
    const { json } = synthesize((scope) => {
      const { ready, issuer, store } = new VaultPki(platform(scope, hub), 'pki');
      for (const [id, dependsOn] of Object.entries({ open: ready, issuer: issuer.ready, store: store.ready }))
        new HostScript(scope, id, { run: 'host/ssh-key.sh', input: {}, dependsOn });
    });
    expect(['open', 'issuer', 'store'].map((name) => needs(json, 'null_resource', name))).toEqual([
      ['null_resource.gate-vault'],
      ['null_resource.gate-vault-issuer'],
      [expect.stringMatching(/external-secrets-store$/)],
    ]);
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

  test('both let the same cluster in, each for itself', () => {
    const { json, made } = two();
    expect(input(json, 'far-access-edge-vault-auth')).toMatchObject({ cluster: 'other', client: 'edge', unsealCommand: ['pass'] });
    expect(input(json, 'access-edge-vault-auth')).not.toHaveProperty('unsealCommand');
    expect(comesAfter(json, 'null_resource.far-access-edge-vault-auth', 'null_resource.far-gate-vault')).toBe(true);
    expect(made.otherDoor.mount).toBe('kubernetes-edge');
  });

  test('more keys than there are never open it', () => {
    const props = { unseal: { shares: 3, threshold: 5 } };
    expect(() => synthesize((scope) => new VaultPki(platform(scope, hub), 'pki', props))).toThrow(
      'unseal: 5 of 3 unseal keys can never open Vault',
    );
  });

  test('a secret among the words of the command is refused, and not shown: they stand in the input of steps', () => {
    const pki = (unsealCommand: string[]) => () => synthesize((scope) => new VaultPki(platform(scope, hub), 'pki', { unsealCommand }));
    expect(pki(['keep', '--token', 'not-really'])).toThrow('unsealCommand[2] …: stands in plain text as --token');
    expect(pki(['keep', '--token', 'not-really'])).not.toThrow('not-really');
    expect(pki(['keep', '--safe'])).not.toThrow();
  });
});

describe('ObservabilityHub', () => {
  const two = once(() =>
    synthesize((scope) => ({
      here: new ObservabilityHub(platform(scope, hub), 'observability'),
      there: new ObservabilityHub(platform(scope, cluster('other', 4, 'hub'), [], { prefix: 'far-' }), 'observability', {
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

  /** Releases and gates that may come after what stands for the hub being ready. */
  const forgotten = (ready: (hub: ObservabilityHub) => HostScriptProps['dependsOn']): readonly string[] => {
    const { json } = synthesize((scope) => {
      const made = new ObservabilityHub(platform(scope, hub), 'observability');
      new HostScript(scope, 'look', { run: 'host/ssh-key.sh', input: {}, dependsOn: ready(made)! });
    });
    const things = Object.keys(json.resource.helm_release!).map((name) => `helm_release.${name}`);
    const gates = Object.keys(json.resource.null_resource!).filter((name) => name !== 'look');
    return [...things, ...gates.map((name) => `null_resource.${name}`)].filter((thing) => !comesAfter(json, 'null_resource.look', thing));
  };

  test('it is ready when all of it is: stores, collectors, rules, what rings and who hears it', () => {
    // Network policies come last, after everything that stands for the hub.
    expect(forgotten(({ ready }) => ready)).toEqual(['helm_release.default-deny']);
    expect(forgotten(({ grafana }) => grafana.ready)).toEqual(
      expect.arrayContaining(['helm_release.otel-collector', 'helm_release.alert-rules', 'null_resource.gate-webhook-logger']),
    );
  });

  test('what agents may send late must not be thrown away', () => {
    const props = { keepDays: { logs: 0.5 } };
    expect(() => synthesize((scope) => new ObservabilityHub(platform(scope, hub), 'observability', props))).toThrow(
      'keepDays.logs is 0.5, but an agent may send data 1 days late; keep at least 1',
    );
    // The smaller the machines, the longer their queue lasts: 31 hours at 4 GiB.
    const small = cluster('small', 6, 'agent', { nodes: edge.nodes.map((node) => ({ ...node, memoryMiB: 4096 })) });
    const keeping = (logs: number) => () =>
      synthesize((scope) => new ObservabilityHub(platform(scope, hub, [small]), 'observability', { keepDays: { logs } }));
    expect(keeping(1)).toThrow('2 days late');
    expect(keeping(2)).not.toThrow();
  });
});

test('alone, everything waits for what somebody else has made', () => {
  const { json } = synthesize((scope) => {
    const network = new ComponentSet(scope, 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'k', prefix: 'their-', components: [] });
    network.add(raw('net'));
    new VaultPki(platform(scope, hub, [], { dependsOn: [network.readyDependency('net')] }), 'pki');
  });
  for (const release of ['cert-manager', 'vault', 'external-secrets-store'])
    expect(comesAfter(json, `helm_release.${release}`, 'helm_release.their-net')).toBe(true);
  expect(redundant(json)).toEqual([]);
});
