import { spawnSync } from 'node:child_process';
import { catalog } from '../../components';
import { poolOf, poolRange } from '../../model/load-balancer-pool';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import { type Json, load, resolveFresh } from '../support/fleet-fixture';
import { component, contextOf, valuesOf } from '../support/observability-clusters';

const fleets = { trio: resolveFresh(load('trio')), tart: resolveFresh(load('tart')), kind: resolveFresh(load('kind')) };
const clusterOf = (fleet: keyof typeof fleets, name: string) => fleets[fleet].clusters.find((cluster) => cluster.name === name)!;
const installed = ({ components }: Pick<ResolvedCluster, 'components'>, id: string) => components.find((one) => one.id === id);
/** For sabotage. */
const copy = <T>(value: T): Json => JSON.parse(JSON.stringify(value));

/** Every value of a key, wherever it is. */
function found(value: unknown, key: string): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...found(inner, key)]);
}

describe('the mesh', () => {
  const faultsOf = (clusters: readonly Json[]): string[] => {
    const told = clusters.map(({ name, id, api, components }) => {
      const { cluster, clustermesh } = installed({ components }, 'cilium')!.values as Json;
      return { name, id, api, cluster, clustermesh };
    });
    return told.flatMap(({ name, id, api, cluster, clustermesh }) => {
      const others = told
        .filter((other) => other.name !== name)
        .map((other) => ({ name: other.name, address: other.api.name, port: 32379 }));
      return [
        ...(cluster.name === name && cluster.id === id ? [] : [`${name} calls itself ${JSON.stringify(cluster)}`]),
        ...(JSON.stringify(clustermesh?.config.clusters) === JSON.stringify(others) ? [] : [`${name} does not know all others`]),
        ...(clustermesh?.apiserver.tls.server.extraDnsNames.includes(api.name) ? [] : [`${name} shows no certificate for its name`]),
        ...(told.filter((other) => other.cluster.id === id).length === 1 ? [] : [`${name} has the id of another one`]),
      ];
    });
  };

  test('every cluster of trio knows the two others by a name that their certificates carry', () => {
    expect(faultsOf(fleets.trio.clusters)).toEqual([]);
  });

  test.each<[string, (clusters: Json[]) => void]>([
    ['a peer is missing', ([first]) => (installed(first, 'cilium') as Json).values.clustermesh.config.clusters.pop()],
    ['two have one id', ([first, second]) => ((installed(first, 'cilium') as Json).values.cluster.id = second.id)],
    [
      'the certificate is for another name',
      ([first]) => ((installed(first, 'cilium') as Json).values.clustermesh.apiserver.tls.server.extraDnsNames = []),
    ],
  ])('is red when %s', (_, sabotage) => {
    const clusters = copy(fleets.trio.clusters);
    sabotage(clusters);
    expect(faultsOf(clusters)).not.toEqual([]);
  });

  test('has no key in values, and a cluster that stands alone has no part in it', () => {
    const { values, secrets } = installed(clusterOf('trio', 'mgmt'), 'cilium')!;
    expect(found(values, 'ca')).toEqual([]);
    expect(secrets).toMatchObject([{ name: 'cilium-ca', helmOwned: true }]);
    expect((installed(clusterOf('tart', 'dev'), 'cilium')!.values as Json).clustermesh.useAPIServer).toBeUndefined();
  });

  test('gateways listen on the nodes exactly where no addresses are handed out', () => {
    const listens = (without: readonly string[]) => valuesOf('cilium', contextOf('hub', without)).gatewayAPI.hostNetwork.enabled;
    expect(listens([])).toBe(true);
    const has = () => true;
    expect(component('cilium').values!({ ...contextOf('hub'), has }).gatewayAPI).toEqual({ hostNetwork: { enabled: false } });
  });
});

describe('the object store', () => {
  const laid = (cluster: string) => installed(clusterOf('trio', cluster), 'seaweedfs')!;
  const text = laid('mgmt').secrets[0]!.keys.seaweedfs_s3_config!;
  const faultsOf = (config: string): string[] =>
    JSON.parse(config).identities.flatMap(({ name, credentials, actions }: Json) => [
      ...(credentials[0].secretKey === `{object-store-${name.startsWith('velero-') ? name : `${name}-mgmt`}-key}`
        ? []
        : [`${name} has another one's key`]),
      ...(name === 'admin' || actions.every((action: string) => action.endsWith(`:${name}`))
        ? []
        : [`${name} may do more than with its own bucket`]),
    ]);

  test('gives each user its own bucket, and nobody a key in plain text', () => {
    expect(faultsOf(text)).toEqual([]);
    const { allInOne } = laid('mgmt').values as Json;
    const buckets = ['thanos', 'loki', 'tempo', 'velero-mgmt', 'velero-app1', 'velero-app2'];
    expect(allInOne.s3.createBuckets.map(({ name }: Json) => name)).toEqual(buckets);
    expect(JSON.parse(text).identities.map(({ name }: Json) => name)).toEqual(['admin', ...buckets]);
    // The pod that knows them is another one when they are others.
    expect(allInOne.podAnnotations).toEqual({ 'flotilla.internal/users': buckets.join() });
  });

  test('is red when a user may read everything, or has a key of its own making', () => {
    expect(faultsOf(text.replace('"Read:loki"', '"Read"'))).toHaveLength(1);
    expect(faultsOf(text.replace('{object-store-loki-mgmt-key}', 'loki'))).toHaveLength(1);
  });

  test('is asked for every bucket, and says which one is not there', () => {
    const { command } = laid('mgmt').checks.find(({ description }) => description === 'every bucket is there')!;
    const ask = (missing: string) =>
      spawnSync('sh', ['-c', `wget() { case "$4" in */${missing}/) return 1 ;; *) echo "$4" ;; esac; }; ${command.at(-1)}`], {
        encoding: 'utf8',
      });
    const asked = ask('none').stdout.match(/(?<=buckets\/)[^/]+/g);
    expect([ask('none').status, asked]).toEqual([0, ['thanos', 'loki', 'tempo', 'velero-mgmt', 'velero-app1', 'velero-app2']]);
    expect(ask('velero-app2')).toMatchObject({ status: 1, stdout: expect.stringContaining('no bucket velero-app2') });
  });

  test('knows every key that somebody comes with', () => {
    const asked = resolveFresh(load('trio')).clusters.flatMap(({ components }) =>
      components.flatMap(({ secrets }) => JSON.stringify(secrets).match(/\{object-store-[a-z0-9-]+-key\}/g) ?? []),
    );
    expect([...new Set(asked)].filter((key) => !text.includes(key))).toEqual([]);
    expect(new Set(asked).size).toBe(7);
  });

  test('of a cluster that stands alone knows nobody else', () => {
    const { secrets, values } = installed(clusterOf('tart', 'platform'), 'seaweedfs')!;
    expect(JSON.parse(secrets[0]!.keys.seaweedfs_s3_config!).identities.map(({ name }: Json) => name)).toEqual([
      'admin',
      'thanos',
      'loki',
      'tempo',
      'velero-platform',
    ]);
    expect((values as Json).allInOne.s3.createBuckets.at(-1)).toEqual({ name: 'velero-platform' });
  });
});

describe('Vault', () => {
  /** What a login says, against what Vault lets in. */
  const faultsOf = (vault: Json, store: Json, issuer: Json, cluster: string): string[] => {
    const step = (id: string) => vault.steps.find((one: Json) => one.id === id).input;
    const { roles, client } = step('auth');
    const { policies } = step('policies');
    const role = (name: string) => roles.find((one: Json) => one.name === name);
    const reads = store.spec.provider.vault;
    const reader = reads.auth.kubernetes;
    const signs = issuer.spec.vault;
    return [
      ...(client === cluster && reader.mountPath === `kubernetes-${client}` ? [] : ['the store logs in somewhere else']),
      ...(signs.auth.kubernetes.mountPath === `/v1/auth/kubernetes-${client}` ? [] : ['the issuer logs in somewhere else']),
      ...(reader.serviceAccountRef.audiences.includes(role(reader.role)?.audience) ? [] : ["the store's token is for somebody else"]),
      ...(role(signs.auth.kubernetes.role)?.audience === `vault://${issuer.metadata.name}`
        ? []
        : ["the issuer's token is for somebody else"]),
      ...(Object.keys(policies['cert-manager']).includes(signs.path) ? [] : ['the issuer may not sign']),
      ...Object.entries(policies).flatMap(([policy, paths]) =>
        Object.keys(paths as object).every((path) => path === signs.path || path.split('/')[2] === cluster)
          ? []
          : [`${policy} reaches further`],
      ),
    ];
  };
  const hub = clusterOf('trio', 'mgmt');
  const parts = (): [Json, Json, Json] => [
    copy(installed(hub, 'vault')),
    copy(installed(hub, 'external-secrets-store')!.resources[0]),
    copy(installed(hub, 'vault-issuer')!.resources.find(({ kind }) => kind === 'ClusterIssuer')),
  ];

  test('lets in those who come, by the name that they say, and nobody into the folder of another cluster', () => {
    expect(faultsOf(...parts(), 'mgmt')).toEqual([]);
  });

  test.each<[string, (vault: Json, store: Json, issuer: Json) => void]>([
    ['an audience differs', ({ steps }) => (steps.find(({ id }: Json) => id === 'auth').input.roles[0].audience = 'somebody')],
    ['the path to sign by differs', (_vault, _store, issuer) => (issuer.spec.vault.path = 'pki/sign/k8s-certs')],
    [
      'the store asks another cluster’s mount',
      (_vault, store) => (store.spec.provider.vault.auth.kubernetes.mountPath = 'kubernetes-app1'),
    ],
    [
      'a policy is widened',
      ({ steps }) => (steps.find(({ id }: Json) => id === 'policies').input.policies['external-secrets-mgmt']['kv/data/*'] = ['read']),
    ],
  ])('is red when %s', (_, sabotage) => {
    const [vault, store, issuer] = parts();
    sabotage(vault, store, issuer);
    expect(faultsOf(vault, store, issuer, 'mgmt')).not.toEqual([]);
  });

  test('the issuer of phase 1 is there exactly as long as no other one is', () => {
    const issuers = (without: readonly string[]) =>
      component('cert-manager').resources!(contextOf('hub', without)).map(({ metadata }) => metadata.name);
    expect(issuers([])).toEqual([]);
    expect(issuers(['vault-issuer'])).toEqual(['selfsigned-bootstrap']);
  });
});

test('what must survive its release is on the class that keeps it, telemetry is not', () => {
  const classes = (id: string) => [...new Set(found(valuesOf(id, contextOf('hub')), 'storageClass'))];
  for (const id of ['vault', 'seaweedfs', 'keycloak', 'jenkins']) expect([id, classes(id)]).toEqual([id, ['local-path-retain']]);
  expect(classes('loki')).not.toContain('local-path-retain');
});

describe('ports and addresses', () => {
  const nodePorts = ({ components }: Pick<ResolvedCluster, 'components'>) =>
    components.flatMap(({ id, values, resources }) =>
      [...found(values, 'nodePort'), ...found(resources, 'nodePort'), ...httpPorts(values)].map((port) => `${port} ${id}`),
    );
  const httpPorts = (values: unknown) => [...found(values, 'nodePortHttp'), ...found(values, 'nodePortHttps')];
  const twice = (ports: readonly string[]) =>
    ports.filter((port, index) => ports.findIndex((other) => other.split(' ')[0] === port.split(' ')[0]) !== index);

  test("the seed's services are on their ports", () => {
    const ports = nodePorts(clusterOf('tart', 'platform'));
    const expected = ['31235 cilium', '30300 grafana', '30903 kube-prometheus-stack', '30800 argo-cd', '30900 jenkins'];
    expect(ports).toEqual(expect.arrayContaining(expected));
    expect(nodePorts(clusterOf('tart', 'dev'))).toContain('30080 demo-apps');
  });

  test('no port of a node is asked for twice', () => {
    for (const { clusters } of Object.values(fleets)) for (const cluster of clusters) expect(twice(nodePorts(cluster))).toEqual([]);
    expect(twice([...nodePorts(clusterOf('tart', 'dev')), ...nodePorts(clusterOf('trio', 'app1'))])).toContain('30080 demo');
  });

  test('where services of type LoadBalancer are refused nobody asks for one', () => {
    const asking = ({ components }: Pick<ResolvedCluster, 'components'>) =>
      components
        .filter(({ values, resources }) => [...found(values, 'type'), ...found(resources, 'type')].includes('LoadBalancer'))
        .map(({ id }) => id);
    const refusing = Object.values(fleets).flatMap(({ clusters }) =>
      clusters.filter((cluster) => installed(cluster, 'node-port') !== undefined),
    );
    expect(refusing.flatMap(asking)).toEqual([]);
    expect(refusing.length).toBe(5);
    expect(asking(clusterOf('kind', 'kind'))).toEqual(['istio-gateway']);
  });

  test("the seed's table of pools comes out on its network, and those by id never meet", () => {
    const seed = [
      [200, 210],
      [211, 220],
      [221, 230],
    ].map(([first, last]) => poolRange({ id: 1, loadBalancerPool: { first: first!, last: last! } }, '192.168.64.0/24'));
    expect(seed).toEqual(['192.168.64.200-192.168.64.210', '192.168.64.211-192.168.64.220', '192.168.64.221-192.168.64.230']);
    const byId = [1, 2, 3, 4, 5].map((id) => poolOf({ id })!);
    expect(byId.every(({ first }, index) => index === 0 || first > byId[index - 1]!.last)).toBe(true);
    expect(poolOf({ id: 6 })).toBeNull();
    expect((installed(clusterOf('kind', 'kind'), 'metallb-pools')!.resources[0] as Json).spec.addresses).toEqual([
      '172.18.0.200-172.18.0.209',
    ]);
  });

  test('whoever calls a service of the fleet calls one that somebody serves, on its port', () => {
    const served = catalog.flatMap(({ namespace, serves = [] }) => serves.map(({ name, port }) => `${name}.${namespace.name}.svc:${port}`));
    const called = (text: string) => [...new Set(text.match(/[a-z0-9-]+-fleet\.[a-z-]+\.svc:\d+/g) ?? [])];
    const given = JSON.stringify(
      Object.values(fleets).flatMap(({ clusters }) =>
        clusters.flatMap(({ components }) => components.map(({ values, resources }) => [values, resources])),
      ),
    );
    expect(called(given).filter((address) => !served.includes(address))).toEqual([]);
    expect(called(given).length).toBeGreaterThanOrEqual(4);
    expect(called(given.replaceAll('vault.svc:8200', 'vault.svc:8201')).filter((address) => !served.includes(address))).toHaveLength(1);
  });
});

describe('the demo applications', () => {
  const dev = clusterOf('tart', 'dev');
  const of = (id: string) => installed(dev, id)!.resources as Json[];
  const named = (resources: readonly Json[], kind: string, name: string) =>
    resources.find((one) => one.kind === kind && one.metadata.name === name)!;

  test('scale and stay as the seed says', () => {
    const scaling = of('demo-scaling').map(({ kind, metadata, spec }) => [
      kind,
      metadata.name,
      spec.minReplicas ?? spec.minAvailable,
      spec.maxReplicas,
    ]);
    expect(scaling).toEqual([
      ['HorizontalPodAutoscaler', 'nginx-web', 3, 10],
      ['PodDisruptionBudget', 'nginx-web', 2, undefined],
      ['HorizontalPodAutoscaler', 'httpbin-v1', 2, 6],
      ['PodDisruptionBudget', 'httpbin', 1, undefined],
    ]);
    // Else an upgrade would undo what the autoscaler decided.
    expect(of('demo-apps').filter(({ spec }) => spec?.replicas !== undefined)).toEqual([]);
  });

  test('are routed as the seed says: 80 to 20, out after three errors, /api to httpbin', () => {
    const routes = of('demo-routes');
    expect(named(routes, 'VirtualService', 'httpbin').spec.http[0].route.map(({ weight }: Json) => weight)).toEqual([80, 20]);
    expect(named(routes, 'DestinationRule', 'httpbin').spec.trafficPolicy.outlierDetection.consecutive5xxErrors).toBe(3);
    expect(named(routes, 'VirtualService', 'demo').spec.http[0]).toMatchObject({ match: [{ uri: { prefix: '/api/' } }, {}] });
    expect((installed(dev, 'istio-config')!.resources[0] as Json).spec).toEqual({ mtls: { mode: 'STRICT' } });
    const labels = installed(dev, 'istio-gateway')!.id.replace(/^istio-/, '');
    expect(named(routes, 'Gateway', 'demo').spec.selector).toEqual({ istio: labels });
  });

  /** What is wrong with the timeouts and retries of a route, all in seconds. */
  const hurried = ({ http }: Json): readonly string[] =>
    http.flatMap(({ timeout, retries, route }: Json) => {
      const to = route[0].destination.host;
      if (timeout === undefined || retries === undefined) return [`${to} has no timeout or no retries`];
      const [whole, one] = [timeout, retries.perTryTimeout].map((text: string) => Number.parseInt(text, 10));
      return [
        ...((retries.attempts + 1) * one! > whole! ? [`${to} has tries that the timeout cuts off`] : []),
        ...(/(^|,)(5xx|reset|retriable-status-codes)/.test(retries.retryOn) ? [`${to} is asked again although it answered`] : []),
      ];
    });

  test('requests have a timeout into which all tries fit, and an answer of the application is not asked for again', () => {
    const services = of('demo-routes').filter(({ kind }) => kind === 'VirtualService');
    expect(services.map(({ metadata }) => metadata.name)).toEqual(['demo', 'httpbin']);
    for (const { spec } of services) expect(hurried(spec)).toEqual([]);
    const [{ spec }] = services as [Json];
    const changed = (change: (http: Json) => void): Json => {
      const other = copy(spec);
      change(other.http[0]);
      return other;
    };
    expect(hurried(changed((http) => delete http.timeout))).toEqual(['httpbin has no timeout or no retries']);
    expect(hurried(changed((http) => (http.retries.attempts = 5)))).toEqual(['httpbin has tries that the timeout cuts off']);
    expect(hurried(changed((http) => (http.retries.retryOn = '5xx')))).toEqual(['httpbin is asked again although it answered']);
  });

  test('every request is traced where a person learns, one in ten in a fleet with a hub', () => {
    const sampled = (role: 'standalone' | 'hub') => {
      const context = contextOf(role === 'hub' ? 'hub' : 'agent', []);
      const cluster = { ...context.cluster, role };
      const telemetry = (component('istio-config').resources!({ ...context, cluster }) as Json[]).find(({ kind }) => kind === 'Telemetry');
      return telemetry.spec.tracing[0].randomSamplingPercentage;
    };
    expect([sampled('standalone'), sampled('hub')]).toEqual([100, 10]);
    const ofKind = installed(clusterOf('kind', 'kind'), 'istio-config')!.resources as Json[];
    expect(ofKind.find(({ kind }) => kind === 'Telemetry').spec.tracing[0].randomSamplingPercentage).toBe(100);
  });

  /** Methods by which httpbin may be called; who decides that depends on whether Cilium can read the request. */
  const methods = (policies: readonly Json[], routes: readonly Json[]): string[] => {
    const ports = named(policies, 'CiliumNetworkPolicy', 'allow-nginx-to-httpbin').spec.ingress[0].toPorts;
    const byCilium = ports.flatMap(({ rules }: Json) => rules?.http?.map(({ method }: Json) => method) ?? []);
    const authorization = routes.find(({ kind }) => kind === 'AuthorizationPolicy');
    const byMesh = authorization?.spec.rules.flatMap(({ to }: Json) => to.flatMap(({ operation }: Json) => operation.methods)) ?? [];
    return byCilium.length + byMesh.length === 0 ? ['any'] : [...byCilium, ...byMesh];
  };

  test('httpbin is only ever asked with GET: by the sidecar in a mesh, by Cilium without one', () => {
    expect(methods(of('demo-policies'), of('demo-routes'))).toEqual(['GET']);
    const alone = component('demo-policies').resources!(contextOf('hub', ['istiod']));
    expect(methods(alone as Json[], [])).toEqual(['GET']);
    expect(
      of('demo-policies')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(['allow-external-to-nginx', 'allow-nginx-egress', 'allow-nginx-to-httpbin', 'allow-nginx-to-redis', 'default-deny-all']);
  });

  test('is red when the rule of the mesh is gone, and when Cilium should read what is encrypted', () => {
    const withoutRule = of('demo-routes').filter(({ kind }) => kind !== 'AuthorizationPolicy');
    expect(methods(of('demo-policies'), withoutRule)).toEqual(['any']);
    const unread = component('demo-policies').resources!(contextOf('hub', ['istiod'])) as Json[];
    expect(methods(unread, of('demo-routes'))).toEqual(['GET', 'GET']);
  });

  test('only pods that start after the mesh get a sidecar, load generators get none', () => {
    const injected = of('demo-apps')
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ spec }) => spec.template.metadata.labels['sidecar.istio.io/inject']);
    expect(injected).toEqual(['true', 'true', 'true', 'true']);
    expect(installed(dev, 'demo-apps')!.dependsOn).toEqual(['istio-cni', 'istiod']);
    expect(installed(clusterOf('tart', 'staging'), 'demo-apps')!.dependsOn).toEqual(['cilium']);
    for (const { spec } of of('demo-load').filter(({ kind }) => kind === 'CronJob')) {
      expect(spec.suspend).toBe(true);
      expect(spec.jobTemplate.spec.template.metadata.labels['sidecar.istio.io/inject']).toBe('false');
    }
  });
});
