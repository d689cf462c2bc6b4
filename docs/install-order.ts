import { catalog } from '../components';
import type { ResolvedCluster, ResolvedFleet } from '../model/resolved-fleet';
import { made } from './markdown';

/** The order in which each fleet installs, as charts that GitHub draws; clusters that install the same share one. */
export function installOrders(fleets: readonly ResolvedFleet[]): string {
  return [
    made,
    '# Install order',
    '',
    'An arrow leads from what has to be there to what waits for it; whatever has no arrow between it goes on side by side. On an agent nothing waits for the hub. `default-deny` waits for everything, its arrows are left out.',
    '',
    ...fleets.flatMap((fleet) => [`## ${fleet.fleet}`, '', ...stacks(fleet), ...together(fleet).flatMap(chart)]),
  ].join('\n');
}

function stacks({ stacks: all }: ResolvedFleet): readonly string[] {
  const arrows = all.flatMap(({ name, needs }) => needs.map((needed) => `  ${idOf(needed)} --> ${idOf(name)}`));
  return ['Stacks', '', '```mermaid', 'flowchart LR', ...all.map(({ name }) => `  ${idOf(name)}["${name}"]`), ...arrows, '```', ''];
}

/** Clusters whose components wait for the same, by name. */
function together({ clusters }: ResolvedFleet): readonly (readonly ResolvedCluster[])[] {
  const groups = new Map<string, ResolvedCluster[]>();
  for (const cluster of clusters) {
    const order = JSON.stringify(cluster.components.map(({ id, dependsOn }) => [id, dependsOn]));
    groups.set(order, [...(groups.get(order) ?? []), cluster]);
  }
  return [...groups.values()];
}

function chart(clusters: readonly ResolvedCluster[]): readonly string[] {
  const [{ components }] = clusters as [ResolvedCluster];
  // Made for the cluster, of no file: what closes its namespaces at the end.
  const last = components.find(({ id, dependsOn }) => dependsOn.length > 0 && !catalog.some((one) => one.id === id));
  const shown = components.filter(({ id }) => id !== last?.id);
  const arrows = shown.flatMap(({ id, dependsOn }) => dependsOn.map((needed) => `  ${idOf(needed)} --> ${idOf(id)}`));
  const names = clusters.map(({ name }) => name).join(', ');
  const end = last === undefined ? [] : [`  ${idOf(last.id)}["${last.id}, last"]`];
  return [`${names}`, '', '```mermaid', 'flowchart LR', ...shown.map(({ id }) => `  ${idOf(id)}["${id}"]`), ...end, ...arrows, '```', ''];
}

// With a letter in front: `end` and the like are words of the language.
const idOf = (id: string): string => `s_${id.replaceAll('-', '_')}`;
