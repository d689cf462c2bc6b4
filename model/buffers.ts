import type { BufferDemand, Component, ContextNode, Role } from '../components/define';

const mebibyte = 2 ** 20;
export const gibibyte = 2 ** 30;

/** What one signal of a cluster has on its nodes' disks while the hub is away. */
export interface Buffer {
  readonly component: string;
  readonly signal: BufferDemand['signal'];
  /** At most, on the node that has most of it. */
  readonly bytes: number;
  /** How long it lasts from the moment that the hub is gone, at the rate that the cluster's size lets expect. */
  readonly hours: number;
  readonly promisedHours: number;
  /** Of the whole cluster for a write-ahead log, of the busiest node for a queue. */
  readonly bytesPerSecond: number;
}

type Size = Pick<ContextNode, 'role' | 'memoryMiB'>;
type WriteAheadLog = Extract<BufferDemand, { signal: 'metrics' }>;

/** What a node of that size carries: pods of 128 MiB, and not more than a kubelet takes. */
export const podsOn = ({ memoryMiB }: Pick<Size, 'memoryMiB'>): number => Math.min(110, Math.floor(memoryMiB / 128));

/** Node exporter and kubelet of a node, cAdvisor's and kube-state-metrics' of a pod, API server and etcd of a cluster; histograms that we drop are not in it. */
const series = { perNode: 900, perPod: 60, perCluster: 12000 } as const;

export function samplesPerSecond(nodes: readonly Size[], scrapeSeconds: number): number {
  const pods = nodes.reduce((sum, node) => sum + podsOn(node), 0);
  return (series.perCluster + nodes.length * series.perNode + pods * series.perPod) / scrapeSeconds;
}

const bytesPerSample = 6.2;
const segmentBytes = 128 * mebibyte;

/**
 * Prometheus' agent cuts its log every so often and drops the older two thirds of its segments of 128 MiB, sent or not; when the segment goes at which
 * sending stands, the whole backlog goes. So the window is a share of that interval, which shrinks while an interval fills more segments:
 * up to so many segments, and what is sure then (steady state, simulated; facts of 2026-11-20).
 */
const sureShare = [
  { segments: 1, share: 3 },
  { segments: 1.5, share: 1.35 },
  { segments: 2.5, share: 1.2 },
  { segments: 3.5, share: 1 },
  { segments: 5.5, share: 0.825 },
  { segments: 10, share: 0.625 },
  { segments: 50, share: 0.525 },
] as const;
const leastShare = 0.5;

/** The write-ahead log of an agent that nobody restarts: with a restart its backlog is gone, whatever is on the disk. */
export function writeAheadLog(samples: number, truncateHours: number): Pick<Buffer, 'bytes' | 'hours' | 'bytesPerSecond'> {
  const bytesPerSecond = samples * bytesPerSample;
  const interval = bytesPerSecond * truncateHours * 3600;
  const share = sureShare.find(({ segments }) => interval / segmentBytes <= segments)?.share ?? leastShare;
  // Half an interval is left after a cut, one comes on top, and a checkpoint beside it; what is begun is a segment.
  return { bytes: 2 * interval + segmentBytes, hours: truncateHours * share, bytesPerSecond };
}

/** Per pod, as it lies in the queue: the line or span and what says where it comes from. */
const queuedBytesPerSecond = { logs: 150, traces: 500 } as const;

/** A queue on the disk of a node: it survives restarts, and what comes when it is full waits (logs, in their files) or is lost (traces). */
export function diskQueue(
  signal: 'logs' | 'traces',
  node: Pick<Size, 'memoryMiB'>,
  bytesPerNode: number,
): Pick<Buffer, 'bytes' | 'hours' | 'bytesPerSecond'> {
  const bytesPerSecond = podsOn(node) * queuedBytesPerSecond[signal];
  return { bytes: bytesPerNode, hours: bytesPerNode / bytesPerSecond / 3600, bytesPerSecond };
}

/** Kubelet's default size at which it rotates a container's log: what the collector has not read by then, it never sees. */
const rotatedAtBytes = 10 * mebibyte;

/** What a full queue leaves in the pods' log files, which the node holds anyway. */
export const waitingLogBytes = (node: Pick<Size, 'memoryMiB'>): number => podsOn(node) * rotatedAtBytes;

/** Every buffer of a cluster, of its busiest node where each node has one. */
export function buffersOf(components: readonly Component[], role: Role, nodes: readonly Size[]): readonly Buffer[] {
  const busiest = nodes.reduce((most, node) => (podsOn(node) > podsOn(most) ? node : most));
  return components.flatMap(({ id, buffers }) =>
    (buffers?.[role] ?? []).map((demand): Buffer => {
      const { signal, promisedHours } = demand;
      const computed = demand.signal === 'metrics' ? logOf(demand, nodes) : diskQueue(demand.signal, busiest, demand.bytesPerNode);
      return { component: id, signal, promisedHours, ...computed };
    }),
  );
}

export const logOf = ({ scrapeSeconds, truncateHours }: WriteAheadLog, nodes: readonly Size[]) =>
  writeAheadLog(samplesPerSecond(nodes, scrapeSeconds), truncateHours);

/** What buffers may take of a node's disk at most: every queue, the logs that wait beside a full one, and the log of metrics, which may land on any node. */
export function bufferBytesOn(node: Size, components: readonly Component[], role: Role, nodes: readonly Size[]): number {
  const demands = components.flatMap(({ buffers }) => buffers?.[role] ?? []);
  return demands.reduce((sum, demand) => {
    if (demand.signal === 'metrics') return sum + (takesPods(node, nodes) ? logOf(demand, nodes).bytes : 0);
    return sum + demand.bytesPerNode + (demand.signal === 'logs' ? waitingLogBytes(node) : 0);
  }, 0);
}

const takesPods = (node: Size, nodes: readonly Size[]): boolean =>
  node.role === 'worker' || nodes.every(({ role }) => role === 'control-plane');
