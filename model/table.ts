import type { ResolvedCluster, ResolvedFleet } from './resolved-fleet';

/** The whole fleet on one page, for people: what runs where, at which address, and what is installed in which order. */
export function fleetTable(fleet: ResolvedFleet): string {
  const { network, budget } = fleet;
  return [
    `${fleet.deployment}  kubernetes ${fleet.kubernetesVersion}  domain ${fleet.domain}  uid ${fleet.uid}`,
    `network ${network.cidr}  gateway ${network.gateway}  bridge ${network.bridge}  registry ${network.registry.url}`,
    `memory ${budget.nodesMemoryMiB} of ${budget.hostMemoryMiB} MiB`,
    ...fleet.warnings.map((warning) => `warning: ${warning}`),
    ...fleet.clusters.flatMap((cluster) => ['', ...clusterLines(cluster)]),
    '',
    'stacks',
    ...columns(fleet.stacks.map(({ name, kind, needs }) => [name, kind, needs.length === 0 ? '' : `<- ${needs.join(', ')}`])),
    '',
  ].join('\n');
}

function clusterLines(cluster: ResolvedCluster): readonly string[] {
  const { name, id, role, api, podCidr, serviceCidr, nodes, components, skipPhases } = cluster;
  return [
    `cluster ${name}  id ${id}  ${role}  api ${api.name}:${api.port}`,
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
    ...columns(
      components.map(({ id: component, chart, resources, namespace, dependsOn }, index) => [
        String(index + 1).padStart(2, '0'),
        component,
        chart === null ? `${resources.length} objects` : `${chart.name} ${chart.version}`,
        `${namespace.name}${namespace.podSecurity === null ? '' : ` (${namespace.podSecurity})`}`,
        dependsOn.length === 0 ? '' : `<- ${dependsOn.join(', ')}`,
      ]),
    ),
  ];
}

/** Two spaces in, columns as wide as their longest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
}
