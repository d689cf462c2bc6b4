import type { Amounts } from './requests';
import type { ResolvedCluster, ResolvedFleet } from './resolved-fleet';

/** What each cluster's components ask for, beside what its nodes have for them, and their sum: the head first. */
export function requestRows({ clusters }: Pick<ResolvedFleet, 'clusters'>): readonly (readonly string[])[] {
  const asking = clusters.filter(({ requests: { requested, perNode } }) =>
    [...amounts(requested), ...amounts(perNode)].some((amount) => amount > 0),
  );
  if (asking.length === 0) return [];
  const row = ({ name, requests: { requested, perNode, left } }: ResolvedCluster) => [
    name,
    `${requested.cpuMillicores} of ${left.cpuMillicores} m`,
    `${requested.memoryMiB} of ${left.memoryMiB} MiB`,
    `${requested.storageGiB} of ${left.storageGiB} GiB`,
    `${perNode.cpuMillicores} m, ${perNode.memoryMiB} MiB`,
  ];
  const sum = (kind: keyof Amounts): number => asking.reduce((total, { requests }) => total + requests.requested[kind], 0);
  const everywhere = (kind: 'cpuMillicores' | 'memoryMiB'): number =>
    asking.reduce((total, { requests, nodes }) => total + nodes.length * requests.perNode[kind], 0);
  return [
    ['cluster', 'cpu', 'memory', 'claims', 'on each node'],
    ...asking.map(row),
    [
      'total',
      `${sum('cpuMillicores')} m`,
      `${sum('memoryMiB')} MiB`,
      `${sum('storageGiB')} GiB`,
      `${everywhere('cpuMillicores')} m, ${everywhere('memoryMiB')} MiB`,
    ],
  ];
}

/** What each cluster keeps while its hub is away, and for how long. */
export function bufferRows({ clusters }: Pick<ResolvedFleet, 'clusters'>): readonly (readonly string[])[] {
  const rows = clusters.flatMap(({ name, buffers }) =>
    buffers.map(({ component, signal, bytes, hours, promisedHours }) => [
      name,
      signal,
      component,
      `${Math.round(bytes / 2 ** 20)} MiB`,
      `${Math.floor(hours * 10) / 10} h`,
      `${promisedHours} h`,
    ]),
  );
  return rows.length === 0 ? [] : [['cluster', 'signal', 'kept by', 'on disk', 'lasts', 'promised'], ...rows];
}

const amounts = (of: Partial<Amounts>): readonly number[] => Object.values(of);
