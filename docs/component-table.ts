import { catalog } from '../components';
import type { Component, Requests, Role } from '../components/define';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { made, markdown } from './markdown';

/** Everything that can be installed: what, why, where, at which version, for how much, and after what. */
export function componentTable(fleets: readonly ResolvedFleet[]): string {
  const rows = catalog.map((component) => {
    const { id, summary, chart, namespace, provides = [] } = component;
    const security = namespace.podSecurity === undefined ? '' : ` (${namespace.podSecurity})`;
    const what = `${summary}${provides.length > 0 ? `; provides ${provides.join(', ')}` : ''}`;
    return [id, what, where(component, fleets), `${namespace.name}${security}`, needs(component), asks(component)].concat(
      chart === undefined ? ['objects of ours', ''] : [chart.name, chart.version],
    );
  });
  const instead = catalog.filter(({ insteadOf }) => insteadOf !== undefined);
  return [
    made,
    '# Components',
    '',
    'Where: a role that gets it by default, or the fleets that ask for it. Needs: what has to be there before; *after*: only if it is there; *reaches*: a service of the hub, without waiting for it on an agent. Asks: requests, and of each node where it runs on all.',
    '',
    ...markdown(['component', 'what', 'where', 'namespace', 'needs', 'asks', 'chart', 'version'], rows),
    '',
    '## In place of',
    '',
    ...markdown(
      ['component', 'in place of', 'because'],
      instead.map(({ id, insteadOf }) => [id, insteadOf!.what, insteadOf!.because]),
    ),
    '',
  ].join('\n');
}

function where({ id, roles, never = [] }: Component, fleets: readonly ResolvedFleet[]): string {
  const asked = fleets.filter(({ clusters }) =>
    clusters.some(({ role, components }) => !roles.includes(role) && components.some((component) => component.id === id)),
  );
  const parts = [...roles, ...(asked.length > 0 ? [`fleet ${asked.map(({ fleet }) => fleet).join(', ')}`] : [])];
  return `${parts.join(', ') || 'where a fleet asks'}${never.length > 0 ? `; never ${never.join(', ')}` : ''}`;
}

function needs({ requires = [], after = [], reaches = [] }: Component): string {
  const named = (edge: Component | string): string => (typeof edge === 'string' ? `slot ${edge}` : edge.id);
  return [
    ...requires.map(named),
    ...after.map((edge) => `*after* ${named(edge)}`),
    ...reaches.map((edge) => `*reaches* ${named(edge)}`),
  ].join(', ');
}

/** Roles that ask for the same are said together. */
function asks({ requests = {} }: Component): string {
  const said = new Map<string, Role[]>();
  for (const [role, wanted] of Object.entries(requests) as [Role, Requests][])
    said.set(amounts(wanted), [...(said.get(amounts(wanted)) ?? []), role]);
  const all = [...said];
  return all.map(([text, roles]) => (all.length === 1 ? text : `${roles.join(', ')}: ${text}`)).join('; ');
}

function amounts({ cpuMillicores, memoryMiB, perNode, storageGiB }: Requests): string {
  return [
    ...(cpuMillicores + memoryMiB > 0 ? [`${cpuMillicores} m, ${memoryMiB} MiB`] : []),
    ...(storageGiB ? [`${storageGiB} GiB of disk`] : []),
    ...(perNode === undefined ? [] : [`each node ${perNode.cpuMillicores} m, ${perNode.memoryMiB} MiB`]),
  ].join(' + ');
}
