import { bufferRows, requestRows } from '../model/budget-lines';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { made, markdown } from './markdown';

/** What is promised (seed 004), what keeps it, and where a fleet that would break it is refused. */
const contracts: readonly (readonly [id: string, promise: string, keptBy: string, lookedAt: string])[] = [
  [
    'C1',
    'An agent comes up and goes on without its hub',
    'nothing on an agent waits for the hub: not a gate, a step, an init container, a probe, a mounted Secret or a stack',
    'model/contracts/agent-autonomy.ts',
  ],
  [
    'C2',
    'What an agent measures, logs and traces is kept while the hub is away, as long as is said below',
    "a write-ahead log and queues on the nodes' disks, which have to hold them; the log of metrics is lost when its pod restarts",
    'model/rules/buffer-disk.ts',
  ],
  [
    'C3',
    'Secrets that were copied from Vault last while it is away, and are an hour old at most while it is there',
    'every ExternalSecret keeps what it copied and looks every hour or more often; so far the catalog has some on the hub only, on agents this guards what people bring',
    'model/contracts/secret-cache.ts',
  ],
  [
    'C4',
    'Policies are enforced on agents, never on the hub',
    '`never` of a component, whoever asks for it',
    'model/rules/forbidden-role.ts',
  ],
  [
    'C5',
    'Certificates come in two phases: a self-signed issuer, then Vault',
    'where another issuer is provided, no component declares a self-signed one for good, and a script that creates it is followed by one that deletes it; no certificate is requested before its issuer exists',
    'model/contracts/certificate-phases.ts',
  ],
  [
    'C6',
    "Pods reach each other through VXLAN, whatever the machines' network drops",
    '`fixed` values, which no fleet can change',
    'model/rules/locked-values.ts',
  ],
];

export function contractTable(fleets: readonly ResolvedFleet[]): string {
  return [
    made,
    '# Contracts and their numbers',
    '',
    ...markdown(
      ['', 'promise', 'kept by', 'a fleet that breaks it is refused by'],
      contracts.map((row) => [...row.slice(0, 3), `\`${row[3]}\``]),
    ),
    '',
    '## What is kept while the hub is away',
    '',
    "Computed from each cluster's size; a fleet whose disks cannot hold it, or in which it does not last as promised, is refused.",
    '',
    ...fleets.flatMap((fleet) => table(fleet, bufferRows(fleet))),
    '## How long it is kept',
    '',
    ...keptTable(fleets),
    '',
    '## What components ask for',
    '',
    'Requests of everything that runs anywhere, of what the nodes that take workloads have beside the system and what runs on each. A fleet that asks for more is refused, unless it says `budget.overcommit`.',
    '',
    ...fleets.flatMap((fleet) => table(fleet, requestRows(fleet))),
  ].join('\n');
}

/** What is kept, by which component, and the value that says for how long. */
const kept: readonly (readonly [what: string, component: string, path: string])[] = [
  ['metrics of every cluster', 'thanos', 'compactor.retention.resolutionRaw'],
  ['the same, a value every 5 minutes', 'thanos', 'compactor.retention.resolution5m'],
  ['the same, a value every hour', 'thanos', 'compactor.retention.resolution1h'],
  ['metrics on the hub itself', 'kube-prometheus-stack', 'prometheus.prometheusSpec.retention'],
  ['logs', 'loki', 'loki.limits_config.retention_period'],
  ['logs, late by at most', 'loki', 'loki.limits_config.reject_old_samples_max_age'],
  ['traces', 'tempo', 'tempo.retention'],
  ['daily backups', 'velero', 'schedules.daily-full-backup.template.ttl'],
  ['hourly backups', 'velero', 'schedules.hourly-critical-backup.template.ttl'],
];

function keptTable(fleets: readonly ResolvedFleet[]): readonly string[] {
  const valueIn = ({ clusters }: ResolvedFleet, id: string, path: string): string => {
    const values = clusters.flatMap(({ components }) => components.filter((one) => one.id === id).map((one) => one.values));
    const found = values.flatMap((one) => path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], one) ?? []);
    return [...new Set(found.map((one) => inDays(String(one))))].join(', ');
  };
  const keeping = fleets.filter((fleet) => kept.some(([, id, path]) => valueIn(fleet, id, path) !== ''));
  return markdown(
    ['', 'by', ...keeping.map(({ fleet }) => fleet)],
    kept.map(([what, id, path]) => [what, id, ...keeping.map((fleet) => valueIn(fleet, id, path) || '–')]),
  );
}

/** `720h0m0s` and `30d` are the same. */
function inDays(text: string): string {
  const [, count, unit] = /^(\d+)([hd])(0m0s)?$/.exec(text) ?? [];
  const days = unit === 'd' ? Number(count) : Number(count) / 24;
  return Number.isInteger(days) ? `${days} days` : text;
}

const table = ({ fleet }: ResolvedFleet, [head, ...rows]: readonly (readonly string[])[]): readonly string[] =>
  head === undefined ? [] : [`### ${fleet}`, '', ...markdown(head, rows), ''];
