import type { Component, ContextCluster, FleetService, Manifest } from '../components/define';
import { leased } from './dynamic-address';
import { fillers } from './install-order';
import type { ResolvedComponent, ResolvedFleet } from './resolved-fleet';

/** How clusters of a fleet find each other's services. */
export type Road =
  /** A mesh that joins services of one name. */
  | { readonly by: 'mesh' }
  /** Ports of the hub's nodes, by their addresses. */
  | { readonly by: 'nodePort'; readonly addresses: readonly string[] }
  /** Nothing: no mesh, and addresses that nobody knows before the machines are there. */
  | { readonly by: 'nothing' };

/** A component of the hub with the services that it has for the fleet. */
export interface Serving {
  readonly component: Component;
  readonly services: readonly (FleetService & { readonly nodePort: number })[];
}

/** Out of the way of those that components ask for by number. */
const firstNodePort = 31900;

/** What the hub has for the fleet, in catalog order. @param components those of the hub */
export function servingOf(components: readonly Component[]): readonly Serving[] {
  let port = firstNodePort;
  return components
    .filter(({ serves }) => serves !== undefined)
    .map((component) => ({ component, services: component.serves!.map((service) => ({ ...service, nodePort: port++ })) }));
}

/** @param components those of the hub */
export function roadTo(hub: Pick<ContextCluster, 'nodes'>, components: readonly Component[]): Road {
  if (fillers('mesh', components).length > 0) return { by: 'mesh' };
  const addresses = hub.nodes.map(({ address }) => address);
  return hub.nodes.some(({ name, address }) => address === leased(name)) ? { by: 'nothing' } : { by: 'nodePort', addresses };
}

/** The Services of one component in the cluster that has it. */
export const servicesHere = ({ component, services }: Serving, road: Road): readonly Manifest[] =>
  services.map((service) => ({
    ...serviceNamed(component, service, road),
    spec: {
      ...(road.by === 'nodePort' ? { type: 'NodePort' } : {}),
      selector: { ...service.selector },
      ports: [{ ...portOf(service), ...(road.by === 'nodePort' ? { nodePort: service.nodePort } : {}) }],
    },
  }));

/** The same names in a cluster that has only the way there. */
export const servicesThere = ({ component, services }: Serving, road: Road): readonly Manifest[] =>
  services.flatMap((service): Manifest[] => {
    const { name, nodePort } = service;
    const there = serviceNamed(component, service, road);
    if (road.by !== 'nodePort')
      // With the selector, though it finds nothing here: a mesh joins services that look alike.
      return [{ ...there, spec: { selector: { ...service.selector }, ports: [portOf(service)] } }];
    const slice: Manifest = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace: component.namespace.name, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'fleet', port: nodePort, protocol: 'TCP' }],
      endpoints: road.addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    };
    return [{ ...there, spec: { ports: [portOf(service)] } }, slice];
  });

const serviceNamed = ({ namespace }: Component, { name }: FleetService, road: Road): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name,
    namespace: namespace.name,
    ...(road.by === 'mesh' ? { annotations: { 'service.cilium.io/global': 'true' } } : {}),
  },
});

const portOf = ({ port, targetPort = port }: FleetService) => ({ name: 'fleet', port, targetPort, protocol: 'TCP' });

/** What stands in an agent for a component of the hub: its namespace and its services, waiting for nothing. */
export function serviceRelease(serving: Serving, road: Road): ResolvedComponent {
  const { id, namespace } = serving.component;
  const names = serving.services.map(({ name }) => name);
  return {
    id: `${id}-fleet`,
    summary: `The way to ${id} of the hub: ${names.join(', ')}`,
    provides: [],
    namespace: { name: namespace.name, podSecurity: namespace.podSecurity ?? null },
    chart: null,
    dependsOn: [],
    reaches: [id],
    serves: [],
    crds: [],
    requests: { cpuMillicores: 0, memoryMiB: 0, storageGiB: 0 },
    secrets: [],
    timeoutSeconds: 120,
    values: {},
    resources: servicesThere(serving, road),
    steps: [],
    links: [],
    ready: [],
    checks: names.map((name) => ({
      description: `the service ${name} of the hub has its name here`,
      command: ['kubectl', '--namespace', namespace.name, 'get', 'service', name],
      hint: `it is part of the release ${id}-fleet: helm --namespace ${namespace.name} get manifest ${id}-fleet`,
    })),
  };
}

/** One sentence per component of the hub that an agent uses in vain. */
export function reachWarnings({ clusters }: Pick<ResolvedFleet, 'clusters'>, road: Road | null): readonly string[] {
  const hub = clusters.find(({ role }) => role === 'hub');
  const using = clusters
    .filter(({ role }) => role === 'agent')
    .flatMap(({ name, components }) =>
      components.filter(({ id }) => !id.endsWith('-fleet')).flatMap(({ id, reaches }) => reaches.map((to) => ({ name, id, to }))),
    );
  return [...new Set(using.map(({ to }) => to))].flatMap((to) => {
    const users = using.filter((one) => one.to === to);
    const who = [...new Set(users.map(({ id }) => id))].join(', ');
    const where = [...new Set(users.map(({ name }) => name))].join(', ');
    if (hub === undefined) return [`${who} of ${where} would use ${to} of a hub, and the fleet has none`];
    if (!hub.components.some(({ id }) => id === to)) return [`${who} of ${where} would use ${to}, which ${hub.name} does not install`];
    return road?.by === 'nothing' ? [`${who} of ${where} cannot reach ${to} of ${hub.name}: nothing joins the clusters' services`] : [];
  });
}
