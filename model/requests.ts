import type { Component, ContextNode, Role } from '../components/define';

export interface Amounts {
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
  readonly storageGiB: number;
}

type SizedNode = Pick<ContextNode, 'role' | 'cpus' | 'memoryMiB' | 'diskGiB'>;

export interface ClusterRequests {
  /** Of everything that may run on any node that takes workloads. */
  readonly requested: Amounts;
  /** Of what runs on each node. */
  readonly perNode: Omit<Amounts, 'storageGiB'>;
  /** What the nodes that take workloads have for them, beside the system and what runs on each. */
  readonly left: Amounts;
}

/** What a node's own programs take: kubelet, containerd, sshd; on a control plane also etcd, API server, controllers and CoreDNS. Disk: system and images. */
export const reserve = {
  worker: { cpuMillicores: 100, memoryMiB: 256, storageGiB: 8 },
  'control-plane': { cpuMillicores: 950, memoryMiB: 1280, storageGiB: 8 },
} as const;

const none: Amounts = { cpuMillicores: 0, memoryMiB: 0, storageGiB: 0 };

/** What the components of a cluster ask for by their requests, and what its nodes can give. */
export function requestsOf(components: readonly Component[], role: Role, nodes: readonly SizedNode[]): ClusterRequests {
  const asked = components.flatMap(({ requests }) => requests?.[role] ?? []);
  const perNode = asked.reduce((sum, { perNode: more }) => (more === undefined ? sum : add(sum, more)), none);
  const left = takingPods(nodes).reduce((sum, { role: kind, cpus, memoryMiB, diskGiB }) => {
    const taken = reserve[kind];
    return add(sum, {
      cpuMillicores: Math.max(0, cpus * 1000 - taken.cpuMillicores - perNode.cpuMillicores),
      memoryMiB: Math.max(0, memoryMiB - taken.memoryMiB - perNode.memoryMiB),
      storageGiB: Math.max(0, diskGiB - taken.storageGiB),
    });
  }, none);
  const { storageGiB: _, ...each } = perNode;
  return { requested: asked.reduce(add, none), perNode: each, left };
}

/** kubeadm keeps workloads off control planes where there are workers. */
const takingPods = (nodes: readonly SizedNode[]): readonly SizedNode[] => {
  const workers = nodes.filter(({ role }) => role === 'worker');
  return workers.length > 0 ? workers : nodes;
};

const add = (sum: Amounts, more: Partial<Amounts>): Amounts => ({
  cpuMillicores: sum.cpuMillicores + (more.cpuMillicores ?? 0),
  memoryMiB: sum.memoryMiB + (more.memoryMiB ?? 0),
  storageGiB: sum.storageGiB + (more.storageGiB ?? 0),
});

/** What is asked for and not there, one sentence each. */
export function shortages({ requested, left }: ClusterRequests): readonly string[] {
  const units = { cpuMillicores: 'millicores', memoryMiB: 'MiB of memory', storageGiB: 'GiB of disk' } as const;
  return (Object.keys(units) as (keyof Amounts)[])
    .filter((kind) => requested[kind] > left[kind])
    .map((kind) => `${requested[kind]} ${units[kind]} of ${left[kind]}`);
}
