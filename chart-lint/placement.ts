import { reserve } from '../model/requests';
import type { ResolvedNode } from '../model/resolved-fleet';
import { type Ask, sum } from './pod-requests';
import { mayRunOn, type Workload } from './workload-asks';

/** What is left of a node, and what of it was there for pods. */
interface Room {
  readonly node: ResolvedNode;
  readonly allocatable: Ask;
  free: Ask;
}

/** A pod that no node has room for. */
export interface Unplaced {
  /** The component. */
  readonly by: string;
  readonly text: string;
}

export interface Placement {
  readonly rooms: readonly Room[];
  readonly unplaced: readonly Unplaced[];
}

/** Puts every pod on a node as the scheduler could: those of each node first, then the largest first onto the node with most free memory. */
export function placed(workloads: readonly Workload[], nodes: readonly ResolvedNode[]): Placement {
  const rooms = nodes.map((node): Room => {
    const taken = reserve[node.role];
    const allocatable = { cpu: node.cpus * 1000 - taken.cpuMillicores, memory: node.memoryMiB - taken.memoryMiB };
    return { node, allocatable, free: allocatable };
  });
  const unplaced: Unplaced[] = [];
  const put = (workload: Workload, room: Room): void => {
    room.free = { cpu: room.free.cpu - workload.ask.cpu, memory: room.free.memory - workload.ask.memory };
  };
  for (const workload of workloads.filter(({ isOnEveryNode }) => isOnEveryNode))
    for (const room of rooms.filter(({ node }) => mayRunOn(workload, node, nodes))) {
      if (fits(workload.ask, room.free)) put(workload, room);
      else unplaced.push({ by: workload.by, text: `${workload.name} on ${room.node.name} (${text(workload.ask)})` });
    }
  const others = workloads
    .filter(({ isOnEveryNode }) => !isOnEveryNode)
    .flatMap((workload) => Array.from({ length: workload.replicas }, () => workload))
    .sort((one, other) => Number(one.toleratesControlPlane) - Number(other.toleratesControlPlane) || other.ask.memory - one.ask.memory);
  for (const workload of others) {
    const open = rooms.filter(({ node }) => mayRunOn(workload, node, nodes));
    const [room] = open.filter(({ free }) => fits(workload.ask, free)).sort((one, other) => other.free.memory - one.free.memory);
    if (room !== undefined) put(workload, room);
    else unplaced.push({ by: workload.by, text: `${workload.name} (${text(workload.ask)})` });
  }
  return { rooms, unplaced };
}

const fits = (ask: Ask, free: Ask): boolean => ask.cpu <= free.cpu && ask.memory <= free.memory;

export const text = ({ cpu, memory }: Ask): string => `${Math.round(cpu)}m, ${Math.round(memory)} MiB`;

/** What each node has left. */
export const leftOn = (rooms: readonly Room[]): string => rooms.map(({ node, free }) => `${node.name} ${text(free)}`).join('; ');

export const allocatableOf = (rooms: readonly Room[]): Ask => sum(...rooms.map(({ allocatable }) => allocatable));
