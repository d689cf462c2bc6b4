import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../components';
import type { Component, Requests, Role, Slot } from '../components/define';
import { packageRoot } from '../config/package-root';
import { fillers } from '../model/install-order';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { made, markdown } from './markdown';

/** Everything that can be installed: a list to choose from, then each one's whole story. */
export function componentTable(fleets: readonly ResolvedFleet[]): string {
  const rows = catalog.map((component) => [
    `[${component.id}](#${component.id})`,
    component.summary,
    where(component, fleets),
    component.chart?.version ?? '',
  ]);
  return [
    made,
    '# Components',
    '',
    'Where: a role that gets it by default, and the fleets that ask for it beside that. Below, each one by itself: *before it* is what has to be there, *after, if there* only orders, *uses of the hub* is an open way without waiting (on an agent; on the hub it orders).',
    '',
    ...markdown(['component', 'what', 'where', 'version'], rows),
    '',
    ...catalog.flatMap((component) => story(component, fleets)),
  ].join('\n');
}

function story(component: Component, fleets: readonly ResolvedFleet[]): readonly string[] {
  const { id, summary, chart, namespace, insteadOf, provides = [], requires = [], after = [], reaches = [], serves = [] } = component;
  const { secrets = [], buffers = {}, checks = [] } = component;
  const lines: readonly (readonly [string, string])[] = [
    ['in place of', insteadOf === undefined ? '' : `${insteadOf.what}: ${insteadOf.because}`],
    ['where', where(component, fleets)],
    ['chart', chart === undefined ? 'none, objects of ours' : `${chart.name} ${chart.version}, ${chart.repository}`],
    ['namespace', `${namespace.name}${namespace.podSecurity === undefined ? '' : `, pod security ${namespace.podSecurity}`}`],
    ['provides', provides.join(', ')],
    ['before it', requires.map(edge).join(', ')],
    ['after, if there', after.map(edge).join(', ')],
    ['uses of the hub', reaches.map(edge).join(', ')],
    ['waited for by', dependants(component).join(', ')],
    ['asks for', asks(component)],
    ['ports of the nodes', nodePorts(id, fleets).join(', ')],
    ['serves', serves.map(({ name, port }) => `\`${name}.${namespace.name}.svc:${port}\``).join(', ')],
    ['secrets', secrets.map(({ name }) => `\`${name}\``).join(', ')],
    ['keeps without the hub', keeps(buffers)],
    ['checks', checks.map(({ description, hint }) => `${description} (if not: ${plain(hint)})`).join('; ')],
    ['files', filesOf(id).join(', ')],
  ];
  return [`## ${id}`, '', summary, '', ...lines.filter(([, text]) => text !== '').map(([name, text]) => `- ${name}: ${text}`), ''];
}

const edge = (target: Component | Slot): string =>
  typeof target === 'string' ? `${target} (${fillers(target, catalog).map(link).join(' or ')})` : link(target);
const link = ({ id }: Pick<Component, 'id'>): string => `[${id}](#${id})`;

/** Who requires it by name. */
const dependants = ({ id }: Component): readonly string[] =>
  catalog.filter(({ requires = [] }) => requires.some((target) => typeof target !== 'string' && target.id === id)).map(link);

function where({ id, roles, never = [] }: Component, fleets: readonly ResolvedFleet[]): string {
  const asked = fleets.filter(({ clusters }) =>
    clusters.some(({ role, components }) => !roles.includes(role) && components.some((component) => component.id === id)),
  );
  const parts = [...roles, ...(asked.length > 0 ? [`fleet ${asked.map(({ fleet }) => fleet).join(', ')}`] : [])];
  return `${parts.join(', ') || 'where a fleet asks'}${never.length > 0 ? `; never ${never.join(', ')}` : ''}`;
}

/** Numbers under keys such as nodePort and nodePortHttp, wherever they are. */
function nodePorts(id: string, fleets: readonly ResolvedFleet[]): readonly string[] {
  const found = (value: unknown): readonly string[] =>
    value === null || typeof value !== 'object'
      ? []
      : Object.entries(value).flatMap(([key, inner]) =>
          /^nodePort/.test(key) && typeof inner === 'number' ? [String(inner)] : found(inner),
        );
  const there = fleets.flatMap(({ clusters }) => clusters.flatMap(({ components }) => components.filter((one) => one.id === id)));
  return [...new Set(there.flatMap(({ values, resources }) => [...found(values), ...found(resources)]))].sort();
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
    ...(cpuMillicores + memoryMiB > 0 ? [`${cpuMillicores} m CPU, ${memoryMiB} MiB`] : []),
    ...(storageGiB ? [`${storageGiB} GiB of disk`] : []),
    ...(perNode === undefined ? [] : [`on each node ${perNode.cpuMillicores} m CPU, ${perNode.memoryMiB} MiB`]),
  ].join(' + ');
}

/** Words in angle brackets would be taken for HTML. */
const plain = (text: string): string => text.replaceAll('<', '&lt;');

const keeps = (buffers: NonNullable<Component['buffers']>): string =>
  Object.entries(buffers)
    .map(([role, all]) => `${role}: ${all.map(({ signal, promisedHours }) => `${signal} for ${promisedHours} hours or more`).join(', ')}`)
    .join('; ');

const filesOf = (id: string): readonly string[] =>
  [`components/${id}.ts`, `values/${id}.yaml`]
    .filter((path) => existsSync(join(packageRoot(), path)))
    .map((path) => `[${path}](../../${path})`);
