import type { Component, ComponentNamespace, Manifest, Slot, Traffic } from '../components/define';
import type { Road, Serving } from './fleet-services';
import { fillers } from './install-order';
import type { ResolvedCluster, ResolvedComponent } from './resolved-fleet';

/** Slots whose provider is talked to by pods; of the others it is only there. */
const spokenTo: readonly Slot[] = ['object-store', 'issuer'];

export interface PolicyContext {
  readonly cluster: Pick<ResolvedCluster, 'role' | 'api'>;
  /** Those of the cluster. */
  readonly components: readonly Component[];
  /** What the hub has for the fleet; nothing where there is no hub. */
  readonly serving: readonly Serving[];
  readonly road: Road;
}

type Rule = Readonly<Record<string, unknown>>;

/**
 * For every namespace of ours two policies: one that denies everything, and one that opens what its components need, as they say themselves. The namespaces
 * that Kubernetes makes are left alone.
 */
export function networkPolicies(context: PolicyContext): readonly Manifest[] {
  const ours = context.components.filter(({ namespace }) => namespace.podSecurity !== undefined);
  const own = new Set(ours.filter(({ traffic }) => traffic?.ownPolicies).map(({ namespace }) => namespace.name));
  // On an agent the names of the hub's services have namespaces too, in which nothing else should come to live unseen.
  const ways =
    context.cluster.role === 'agent' ? context.serving.filter(({ component }) => component.namespace.podSecurity !== undefined) : [];
  const lived = [...ours, ...ways.map(({ component }) => component)].map(({ namespace }) => namespace.name);
  const names = [...new Set(lived)].filter((name) => !own.has(name)).sort();
  return names.flatMap((namespace) => {
    const spec = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
    return [
      policy(namespace, 'default-deny', spec),
      policy(namespace, 'openings', { ...spec, ingress: ingress(namespace, context), egress: egress(namespace, context) }),
    ];
  });
}

function ingress(namespace: string, { cluster, components, serving }: PolicyContext): readonly Rule[] {
  const here = components.filter((component) => component.namespace.name === namespace);
  const callers = components.filter(
    (component) => component.traffic?.scrapes || calls(component, components, cluster.role).some((called) => here.includes(called)),
  );
  const served = cluster.role === 'hub' ? serving.filter(({ component }) => here.includes(component)) : [];
  const ports = [
    ...traffic(here).flatMap(({ fromApiServer = [], fromAnywhere = [] }) => [...fromApiServer, ...fromAnywhere]),
    ...served.flatMap(({ services }) => services.map(({ port, targetPort = port }) => targetPort)),
  ];
  // The API server and other clusters call from addresses that no selector knows.
  return [{ from: [itself, ...others(namespace, callers)] }, ...(ports.length > 0 ? [{ ports: tcp(ports) }] : [])];
}

function egress(namespace: string, { cluster, components, serving, road }: PolicyContext): readonly Rule[] {
  const here = components.filter((component) => component.namespace.name === namespace);
  const wanted = traffic(here);
  if (wanted.some(({ scrapes, toAnywhere }) => scrapes || toAnywhere === 'all')) return [{}];
  const called = here.flatMap((component) => calls(component, components, cluster.role));
  const away = cluster.role === 'hub' ? [] : here.flatMap(({ reaches = [] }) => reaches.flatMap((target) => fillersOf(target, serving)));
  const ports = [
    cluster.api.port,
    ...wanted.flatMap(({ toAnywhere = [] }) => toAnywhere as readonly number[]),
    ...away.flatMap(({ services }) =>
      services.flatMap(({ port, targetPort = port, nodePort }) => [port, targetPort, ...(road.by === 'nodePort' ? [nodePort] : [])]),
    ),
  ];
  const dns = { to: [inNamespace('kube-system')], ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) };
  return [dns, { to: [itself, ...others(namespace, called)] }, { ports: tcp(ports) }];
}

/** What of the same cluster a component's pods talk to. */
function calls({ requires = [], reaches = [] }: Component, components: readonly Component[], role: PolicyContext['cluster']['role']) {
  const targets = [...requires, ...(role === 'hub' ? reaches : [])];
  return targets
    .filter((target) => typeof target !== 'string' || spokenTo.includes(target))
    .flatMap((target) => fillers(target, components));
}

function fillersOf(target: Component | Slot, serving: readonly Serving[]): readonly Serving[] {
  const found = fillers(
    target,
    serving.map(({ component }) => component),
  );
  return serving.filter(({ component }) => found.includes(component));
}

const traffic = (components: readonly Component[]): readonly Traffic[] => components.flatMap((component) => component.traffic ?? []);

const itself = { podSelector: {} };
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

const others = (namespace: string, components: readonly Component[]): readonly Rule[] =>
  [...new Set(components.map((component): ComponentNamespace['name'] => component.namespace.name))]
    .filter((name) => name !== namespace)
    .sort()
    .map(inNamespace);

const tcp = (ports: readonly (number | string)[]) => [...new Set(ports)].map((port) => ({ protocol: 'TCP', port }));

const policy = (namespace: string, name: string, spec: Rule): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec,
});

/** The release that holds them, after everything else: what is being installed may talk more than what runs. */
export function policyRelease(
  resources: readonly Manifest[],
  components: readonly Pick<ResolvedComponent, 'id' | 'dependsOn'>[],
): ResolvedComponent {
  const needed = new Set(components.flatMap(({ dependsOn }) => dependsOn));
  const [first] = resources;
  return {
    id: 'default-deny',
    summary: 'Nothing is allowed between namespaces but what components need',
    provides: [],
    namespace: { name: 'kube-system', podSecurity: null },
    chart: null,
    dependsOn: components.map(({ id }) => id).filter((id) => !needed.has(id)),
    reaches: [],
    serves: [],
    crds: [],
    requests: { cpuMillicores: 0, memoryMiB: 0, storageGiB: 0 },
    secrets: [],
    timeoutSeconds: 120,
    values: {},
    resources,
    steps: [],
    links: [],
    ready: [],
    checks: [
      {
        description: 'what is not opened is denied, e.g. in its first namespace',
        command: ['kubectl', '--namespace', first!.metadata.namespace!, 'get', 'networkpolicy', 'default-deny', 'openings'],
        hint: 'they are part of the release default-deny: helm --namespace kube-system get manifest default-deny',
      },
    ],
  };
}
