import { type Broken, brokenPromises, inventoryOf, type Loose, type Release, say } from '../../chart-lint/contracts';

type Component = Release['component'];
const namespace = { name: 'shop', podSecurity: 'baseline' } as const;
const none = { dependsOn: [], ready: [], checks: [], serves: [], secrets: [], crds: [], values: {} } as const;
const component = (id: string, more: Partial<Component> = {}): Component => ({
  id,
  namespace,
  chart: { repository: '', name: id, version: '1.0.0' },
  ...none,
  ...more,
});
const release = (made: Component, objects: readonly Loose[], more: Partial<Release> = {}): Release => ({
  component: made,
  objects,
  definitions: [],
  isUnknown: false,
  ...more,
});
const check = (...words: string[]) => ({ description: 'it is there', command: ['kubectl', ...words], hint: 'look' });
const object = (kind: string, name: string, more: Loose = {}, apiVersion = 'v1'): Loose => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});

const pod = {
  metadata: { labels: { app: 'web', part: 'server' } },
  spec: {
    containers: [
      {
        name: 'main',
        ports: [{ name: 'http', containerPort: 8080 }],
      },
    ],
  },
};
const workload = (kind: string, name: string, spec: Loose = {}): Loose =>
  object(kind, name, { spec: { template: pod, ...spec } }, 'apps/v1');
const web = workload('Deployment', 'web');
const store = workload('StatefulSet', 'store', { replicas: 2, volumeClaimTemplates: [{ metadata: { name: 'data' } }] });

const broken = (...clusters: readonly (readonly Release[])[]): readonly Broken[] =>
  brokenPromises(new Map(clusters.map((releases, index) => [`c${index}`, inventoryOf(releases, new Set(['Boat']))])));
const said = (releases: readonly Release[]): readonly string[] => broken(releases).map(say);
const saidOf = (more: Partial<Component>, objects = [web, store]): readonly string[] => said([release(component('shop', more), objects)]);

test('limits and quota of a namespace are there where its component asks for them, and nowhere else', () => {
  const checks = [check('-n', 'shop', 'get', 'limitrange/flotilla', 'resourcequota/flotilla')];
  const both = { ...namespace, limits: { max: { cpu: '2' } }, quota: { pods: '20' } };
  expect(saidOf({ checks, namespace: both })).toEqual([]);
  expect(saidOf({ checks, namespace: { ...namespace, limits: both.limits } })).toHaveLength(1);
  expect(saidOf({ checks, namespace: { ...both, podSecurity: null } })).toHaveLength(1);
  expect(saidOf({ checks })).toHaveLength(1);
});

test('what is said of what is there is right, in every form', () => {
  const ready = [
    { kind: 'nodes-ready' },
    { kind: 'rollout', namespace: 'shop', resource: 'deployment/web' },
    { kind: 'condition', resource: 'crd/boats.example.org', condition: 'Established' },
    { kind: 'condition', namespace: 'shop', resource: 'sails.example.org/white', condition: 'Ready' },
    { kind: 'condition', resource: 'boat/ark', condition: 'Ready' },
  ] as const;
  const checks = [
    check('-n', 'shop', 'rollout', 'status', 'deploy/web', '--timeout=5s'),
    check('--namespace=shop', 'get', 'sts', 'store', '-o', 'name'),
    check('-n', 'shop', 'exec', 'store-1', '-c', 'main', '--', 'get', 'pods', '-n', 'other'),
    check('-n', 'shop', 'wait', 'pod', '-l', 'app in (web,shop),part=server', '--for', 'condition=Ready'),
    check('-n', 'shop', 'wait', 'pvc', '--all', '--for=jsonpath={.status.phase}=Bound'),
    check('get', 'crd', 'boats.example.org'),
    check('wait', 'node', '--all', '--for=condition=Ready'),
    check('top', 'node', 'one'),
    { description: 'another program', command: ['curl', 'http://nowhere/'], hint: 'look' },
  ];
  const more = [object('Sail', 'white', {}, 'example.org/v1'), object('Boat', 'ark', {}, 'example.org/v1')];
  const made = component('shop', { ready, checks, crds: ['boats.example.org'] });
  expect(said([release(made, [web, store, ...more], { definitions: ['boats.example.org'] })])).toEqual([]);
});

const gate = (resource: string, namespace = 'shop') => ({ ready: [{ kind: 'rollout', namespace, resource }] }) as const;

test.each([
  [
    'a renamed deployment',
    gate('deployment/shop'),
    /^ready: deployment\/shop: no release makes it; of its kind there are web in shop; mend `ready`/,
  ],
  ['another kind', gate('daemonset/web'), /of its kind there is nothing in shop/],
  ['another namespace', gate('deployment/web', 'shops'), /of its kind there is nothing in shops/],
  [
    'a check without its namespace',
    { checks: [check('get', 'deployment', 'web')] },
    /^checks: kubectl get deployment web: no release makes it/,
  ],
  ['one name of several', { checks: [check('-n', 'shop', 'get', 'deployment', 'web', 'wob')] }, /are web in shop/],
  ['a pod too many', { checks: [check('-n', 'shop', 'exec', 'store-2', '--', 'ls')] }, /are store-0, store-1 in shop/],
  ['a container', { checks: [check('-n', 'shop', 'exec', 'store-0', '-c', 'side', '--', 'ls')] }, /with a container side/],
  ['a selector', { checks: [check('-n', 'shop', 'wait', 'pod', '-l', 'app=wob', '--for=condition=Ready')] }, /no release makes it/],
  ['all of what there is none of', { checks: [check('-n', 'shop', 'wait', 'hpa', '--all', '--for=condition=x')] }, /no release makes it/],
  ['a definition', { crds: ['boats.example.org'] }, /^crds: boats\.example\.org: its chart brings no such definition/],
] as const)('sabotage: %s', (_, more, words) => expect(saidOf(more)).toEqual([expect.stringMatching(words)]));

test('a gate names what is made by then, a check what is made at all', () => {
  const maker = release(component('maker'), [web]);
  const asking = (more: Partial<Component>) => [maker, release(component('shop', more), [])];
  expect(said(asking({ ...gate('deployment/web'), dependsOn: ['maker'] }))).toEqual([]);
  expect(said(asking({ checks: [check('-n', 'shop', 'get', 'deployment', 'web')] }))).toEqual([]);
  expect(said(asking(gate('deployment/web')))).toEqual([expect.stringContaining('it is made by maker, which need not be there yet')]);
});

test('where a chart is not here, what it may make is not known, and what it cannot make is still wrong', () => {
  const away = release(component('away', { crds: ['boats.example.org'] }), [], { isUnknown: true });
  const asking = (more: Partial<Component>): readonly Broken[] => broken([away, release(component('shop', { chart: null, ...more }), [])]);
  expect(asking(gate('deployment/web'))).toMatchObject([{ isUnknown: true }]);
  expect(asking(gate('deployment/web', 'other'))[0]).not.toHaveProperty('isUnknown');
  expect(broken([{ ...away, component: { ...away.component, ...gate('deployment/x') } }])).toEqual([]);
});

test.each([
  ['Prometheus', 'prometheus-main', 'app.kubernetes.io/name=prometheus', 'prometheus-main-0', 9090],
  ['PrometheusAgent', 'prom-agent-main', 'app.kubernetes.io/name=prometheus-agent', 'prom-agent-main-0', 9090],
  ['Alertmanager', 'alertmanager-main', 'app.kubernetes.io/name=alertmanager', 'alertmanager-main-0', 9093],
])('the operator makes of one %s the StatefulSet %s', (kind, name, label, first, port) => {
  const [key, value] = label.split('=') as [string, string];
  const checks = [
    check('-n', 'shop', 'rollout', 'status', `statefulset/${name}`),
    check('-n', 'shop', 'wait', 'pod', '-l', label, '--for=condition=Ready'),
    check('-n', 'shop', 'exec', first, '--', 'true'),
  ];
  const serves = [{ name: 'it-fleet', port, targetPort: 'http-web', selector: { [key]: value } }];
  const made = (of: string) => saidOf({ checks, serves }, [object(of, 'main', {}, 'monitoring.coreos.com/v1')]);
  expect(made(kind)).toEqual([]);
  expect(made(`${kind}s`)).toHaveLength(4);
});

test('operators make workloads of objects, and definitions when they start', () => {
  const prometheus = object('Prometheus', 'main', { spec: { secrets: ['keys'] } }, 'monitoring.coreos.com/v1');
  const checks = [
    check('-n', 'shop', 'rollout', 'status', 'statefulset/prometheus-main'),
    check('-n', 'shop', 'wait', 'pod', '-l', 'app.kubernetes.io/name=prometheus'),
  ];
  const serves = [{ name: 'metrics-fleet', port: 9090, selector: { prometheus: 'main' } }];
  expect(saidOf({ checks, serves, secrets: [{ name: 'keys', keys: { a: 'b' } }] }, [prometheus])).toEqual([]);
  expect(saidOf({ checks }, [])).toHaveLength(2);
  const operator = workload('Deployment', 'operator', { template: { ...pod, metadata: { labels: { 'io.cilium/app': 'operator' } } } });
  expect(saidOf({ crds: ['nodes.cilium.io', 'nodes.example.org'] }, [operator])).toEqual([expect.stringContaining('nodes.example.org')]);
});

const served = (more: object = {}) => ({ serves: [{ name: 'shop-fleet', port: 8080, selector: { app: 'web' }, ...more }] });
test('a service for other clusters finds pods with its port', () => {
  expect(saidOf(served())).toEqual([]);
  expect(saidOf(served({ port: 80, targetPort: 'http' }))).toEqual([]);
});
test.each([
  [
    'a wrong label',
    served({ selector: { app: 'wob' } }),
    /^serves: shop-fleet selects app=wob: no pods of the release have these labels; it has Deployment\/web \(app=web,part=server\)/,
  ],
  [
    'a wrong port',
    served({ port: 8081 }),
    /^serves: shop-fleet, port 8081: Deployment\/web, which it selects, has no such port; it has 8080 http/,
  ],
  ['a wrong name of a port', served({ port: 80, targetPort: 'https' }), /port https/],
])('sabotage: a service with %s', (_, more, words) => expect(saidOf(more, [web])).toEqual([expect.stringMatching(words)]));

const variable = { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } };
const reading = (more = {}): Loose =>
  workload('Deployment', 'reading', { template: { spec: { containers: [{ name: 'main', env: [variable], ...more }] } } });
test('a Secret that is laid down is read by something', () => {
  const secrets = [{ name: 'keys', keys: { a: 'b' } }];
  expect(saidOf({ secrets }, [reading()])).toEqual([]);
  const named = object('Boat', 'ark', { spec: { key: { secret: 'keys' } } });
  const mounted = workload('Deployment', 'web', { template: { spec: { containers: [], volumes: [{ secret: { secretName: 'keys' } }] } } });
  const projected = workload('Deployment', 'web', {
    template: { spec: { volumes: [{ projected: { sources: [{ secret: { name: 'keys' } }] } }] } },
  });
  const whole = workload('CronJob', 'web', {
    jobTemplate: { spec: { template: { spec: { containers: [{ envFrom: [{ secretRef: { name: 'keys' } }] }] } } } },
  });
  for (const one of [named, mounted, projected, whole]) expect(saidOf({ secrets }, [one])).toEqual([]);
});
test('sabotage: a Secret that nobody reads, and a key that it does not have', () => {
  expect(saidOf({ secrets: [{ name: 'key', keys: { a: 'b' } }] })).toEqual([
    expect.stringMatching(/^secrets: key: nothing that is rendered reads it/),
  ]);
  expect(saidOf({ secrets: [{ name: 'keys', keys: { b: 'b' } }] }, [reading()])).toEqual([
    expect.stringMatching(/reads its key a, and it has only b/),
  ]);
  expect(
    said([release(component('shop', { secrets: [{ name: 'key', keys: {} }] }), []), release(component('away'), [], { isUnknown: true })]),
  ).toEqual([]);
});

test.each([
  ['laid down', { secrets: [{ name: 'keys', keys: { a: 'b' } }] }, []],
  ['rendered', {}, [object('Secret', 'keys')]],
  ['of a certificate', {}, [object('Certificate', 'any', { spec: { secretName: 'keys' } })]],
  ['copied', {}, [object('ExternalSecret', 'any', { spec: { target: { name: 'keys' } } })]],
  ['copied under its own name', {}, [object('ExternalSecret', 'keys')]],
  [
    'not needed',
    {},
    [workload('Deployment', 'reading', { template: { spec: { volumes: [{ secret: { secretName: 'kees', optional: true } }] } } })],
  ],
] as const)('a Secret that a pod needs is %s', (_, more, brought) => {
  const objects = brought.some(({ kind }) => kind === 'Deployment') ? brought : [reading(), ...brought];
  expect(saidOf(more, [...objects])).toEqual([]);
});
test('sabotage: a Secret that a pod needs and nobody brings, unless a chart of its namespace is not here', () => {
  const needing = release(component('shop'), [reading()]);
  expect(said([needing])).toEqual([expect.stringMatching(/^Deployment\/reading needs the Secret shop\/keys: nobody makes it/)]);
  expect(said([needing, release(component('away'), [], { isUnknown: true })])).toEqual([]);
});

const policy = (...ports: readonly (number | string)[]): Loose =>
  object('NetworkPolicy', 'openings', {
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: {} }] }, ...(ports.length > 0 ? [{ ports: ports.map((port) => ({ port })) }] : [])],
    },
  });
const service = (type: string): Loose =>
  object('Service', 'web', { spec: { type, selector: { app: 'web' }, ports: [{ name: 'web', port: 80, targetPort: 'http' }] } });
const webhook = object('ValidatingWebhookConfiguration', 'web', {
  webhooks: [{ clientConfig: { service: { namespace: 'shop', name: 'web', port: 80 } } }],
});
const route = object('HTTPRoute', 'web', { spec: { rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] } });
const callers = [
  ['a port of the nodes', [service('NodePort')]],
  ['a webhook', [service('ClusterIP'), webhook]],
  ['the gateway', [service('ClusterIP'), route]],
] as const;

test.each(callers)('%s that is opened is fine, and so is everything where nothing is denied', (_, objects) => {
  expect(saidOf({}, [web, policy(8080), ...objects])).toEqual([]);
  expect(saidOf({}, [web, policy('http'), ...objects])).toEqual([]);
  expect(saidOf({}, [web, ...objects])).toEqual([]);
});
test.each(callers)('sabotage: %s that policies deny', (_, objects) =>
  expect(saidOf({}, [web, policy(), ...objects])).toEqual([
    expect.stringMatching(/^port 8080 of Deployment\/web: .* calls it, and the policies of shop deny that; name it in `traffic`/),
  ]),
);
/** A policy that denies every call to the pods that it is about. */
const denying = (spec: Loose): Loose => object('NetworkPolicy', 'denying', { spec: { podSelector: {}, ...spec } });
const onHost = workload('Deployment', 'web', { template: { ...pod, spec: { ...pod.spec, hostNetwork: true } } });
test.each([
  ['pods on the network of their node', onHost, {}],
  ['pods of which it does not speak', web, { podSelector: { matchLabels: { app: 'other' } } }],
  ['calls that they take, where it is about those that they make', web, { policyTypes: ['Egress'] }],
] as const)('a policy does not stop %s', (_, pods, spec) => {
  const calling = service('NodePort');
  expect(saidOf({}, [pods, denying(spec), calling])).toEqual([]);
  // Without what is said of them: it is the policy that stops them.
  expect(saidOf({}, [web, denying({ policyTypes: ['Ingress', 'Egress'] }), calling])).toHaveLength(1);
  expect(saidOf({}, [web, denying({}), calling])).toHaveLength(1);
});

const cluster = (...objects: readonly Loose[]) => [release(component('shop'), objects)];
test('an opening leads to a pod, to a service, or to a pod of another cluster that has the same policy', () => {
  expect(saidOf({}, [web, policy(8080)])).toEqual([]);
  const led = object('Service', 'led', { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 5000 }] } });
  expect(saidOf({}, [web, policy(5000), led])).toEqual([]);
  expect(broken(cluster(policy(8080)), cluster(policy(8080), web))).toEqual([]);
});
test('sabotage: an opening that leads nowhere, in any cluster', () => {
  expect(saidOf({}, [web, policy(8080, 8081)])).toEqual([expect.stringMatching(/^traffic: port 8081 of shop: .*nothing there has it/)]);
  // No fault: a fleet may have switched off what would listen.
  expect(broken(cluster(policy(8081)), cluster(policy(8081), web))).toMatchObject([{ isNote: true }]);
});

test.each(['initContainers', 'ephemeralContainers'])('a Secret that one of the %s reads is needed too', (list) => {
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'gone', key: 'a' } } }];
  const waiting = workload('Deployment', 'waiting', { template: { ...pod, spec: { ...pod.spec, [list]: [{ name: 'b', env }] } } });
  expect(saidOf({}, [waiting])).toEqual([expect.stringMatching(/^Deployment\/waiting needs the Secret shop\/gone/)]);
});
