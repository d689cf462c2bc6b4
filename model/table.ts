import { bufferRows, requestRows } from './budget-lines';
import { hostPortText } from './host-ports';
import type { ResolvedCluster, ResolvedComponent, ResolvedFleet } from './resolved-fleet';

/** The whole fleet on one page, for people: sizes and addresses, what runs where, and what is installed in which order. */
export function fleetTable(fleet: ResolvedFleet): string {
  return [
    `${fleet.deployment}  kubernetes ${fleet.kubernetesVersion}  domain ${fleet.domain}  uid ${fleet.uid}`,
    ...machineLines(fleet),
    ...fleet.warnings.map((warning) => `warning: ${warning}`),
    ...fleet.notes.map((note) => `note: ${note}`),
    '',
    ...summaryLines(fleet),
    ...fleet.clusters.flatMap((cluster) => ['', ...clusterLines(cluster, fleet.provider)]),
    '',
    'components, in the order of their installation',
    ...componentLines(fleet.clusters),
    ...section('what the components ask for, of what the nodes that take workloads have for them', requestRows(fleet)),
    ...section('what is kept while the hub is away', bufferRows(fleet)),
    '',
    'stacks',
    ...columns(fleet.stacks.map(({ name, kind, needs }) => [name, kind, needs.length === 0 ? '' : `<- ${needs.join(', ')}`])),
    '',
  ].join('\n');
}

function machineLines({ provider, network }: ResolvedFleet): readonly string[] {
  const from = provider.image === null ? '' : `  image ${provider.image}`;
  const addresses =
    provider.addresses === 'leased'
      ? `addresses leased, usually in ${network.cidr}  registry on port ${network.registry.port}`
      : `network ${network.cidr}  gateway ${network.gateway}  bridge ${network.bridge}  registry ${network.registry.url}`;
  return [`machines ${provider.id}, ${provider.network}${from}`, addresses];
}

const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : ['', title, ...columns(rows)];

/** One line per cluster and their sum, as one would plan a host. */
function summaryLines({ clusters, budget }: ResolvedFleet): readonly string[] {
  const sum = (of: readonly ResolvedCluster[], field: 'cpus' | 'memoryMiB' | 'diskGiB'): number =>
    of.flatMap(({ nodes }) => nodes).reduce((total, node) => total + node[field], 0);
  const row = (name: string, role: string, of: readonly ResolvedCluster[], ...rest: readonly string[]) => [
    name,
    role,
    String(of.flatMap(({ nodes }) => nodes).length),
    String(sum(of, 'cpus')),
    gibibytes(sum(of, 'memoryMiB')),
    `${sum(of, 'diskGiB')} GiB`,
    ...rest,
  ];
  return columns([
    ['cluster', 'role', 'nodes', 'cpus', 'memory', 'disk', 'pods', 'services'],
    ...clusters.map((cluster) => row(cluster.name, cluster.role, [cluster], cluster.podCidr, cluster.serviceCidr)),
    row('total', '', clusters, `of ${gibibytes(budget.hostMemoryMiB)} memory`, ''),
  ]);
}

function clusterLines(cluster: ResolvedCluster, { brings }: ResolvedFleet['provider']): readonly string[] {
  const { name, id, role, api, podCidr, serviceCidr, nodes, skipPhases, hostPorts } = cluster;
  // The API of a cluster that is brought has no name; its kubeconfig knows where it is.
  const reached = brings === 'machines' ? `  api ${api.name}:${api.port}` : '';
  const ports = hostPorts.length === 0 ? '' : `  on the host ${hostPorts.map(hostPortText).join(', ')}`;
  return [
    `cluster ${name}  id ${id}  ${role}${reached}${ports}`,
    `pods ${podCidr}  services ${serviceCidr}${skipPhases.length === 0 ? '' : `  without ${skipPhases.join(', ')}`}`,
    ...columns(
      nodes.map((node) => [
        node.name,
        node.role,
        node.address,
        `${node.cpus} cpus`,
        `${node.memoryMiB} MiB`,
        `${node.diskGiB} GiB`,
        node.machine,
      ]),
    ),
  ];
}

/** A row per component, a column per cluster with its place in that cluster's order. */
function componentLines(clusters: readonly ResolvedCluster[]): readonly string[] {
  const ids = [...new Set(clusters.flatMap(({ components }) => components.map(({ id }) => id)))];
  return columns([
    ['', ...clusters.map(({ name }) => name), 'what', 'namespace', ''],
    ...ids.map((id) => {
      const places = clusters.map(({ components }) => components.findIndex((component) => component.id === id));
      const cells = places.map((place) => (place < 0 ? '-' : String(place + 1).padStart(2, '0')));
      const shown = clusters.flatMap(({ components }) => components.filter((component) => component.id === id));
      return [id, ...cells, ...about(shown[0]!), edges(shown)];
    }),
  ]);
}

function about({ chart, resources, namespace: { name, podSecurity } }: ResolvedComponent): readonly [string, string] {
  const what = chart === null ? `${resources.length} objects` : `${chart.name} ${chart.version}`;
  return [what, `${name}${podSecurity === null ? '' : ` (${podSecurity})`}`];
}

/** More than a reader would read. */
const manyEdges = 8;

/** What it waits for, once where all clusters agree. */
function edges(shown: readonly ResolvedComponent[]): string {
  const waits = [
    ...new Set(shown.map(({ dependsOn }) => (dependsOn.length > manyEdges ? 'everything before it' : dependsOn.join(', ')))),
  ].filter((text) => text !== '');
  return waits.length === 0 ? '' : `<- ${waits.join(' or ')}`;
}

const gibibytes = (memoryMiB: number): string => `${Math.round((memoryMiB / 1024) * 100) / 100} GiB`;

/** Two spaces in, columns as wide as their longest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
}
