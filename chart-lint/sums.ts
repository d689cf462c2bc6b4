import { at } from '../model/contracts/objects';
import { reserve, shortages } from '../model/requests';
import type { ResolvedCluster, ResolvedComponent } from '../model/resolved-fleet';
import type { Inventory } from './contracts';
import { listAt } from './contracts/inventory';
import { counted, type Examination } from './examination';
import { allocatableOf, leftOn, placed, text } from './placement';
import { type Ask, sum, times } from './pod-requests';
import { QuantityError, quantity } from './quantity';
import { isTainted, mayRunOn, type Workload, workloadsOf } from './workload-asks';

/** Limits of memory above this multiple of what nodes for workloads have are worth a note: when all pods use them, most are killed. */
const overcommit = 2;

type Cluster = Pick<ResolvedCluster, 'name' | 'nodes' | 'requests'> & {
  readonly components: readonly Pick<ResolvedComponent, 'id' | 'requests' | 'dependsOn'>[];
};

/** Sums of what pods ask for and may take, and of claims, against the nodes and disks of each cluster, and against what components declare. */
export function clusterSums(clusters: readonly Cluster[], inventories: ReadonlyMap<string, Inventory>): Examination {
  const each = clusters.flatMap((cluster) => {
    const inventory = inventories.get(cluster.name);
    return inventory === undefined ? [] : [sumsOf(cluster, inventory)];
  });
  return {
    checked: each.flatMap(({ checked }) => checked),
    faults: each.flatMap(({ faults }) => faults),
    notes: each.flatMap(({ notes }) => notes),
    unchecked: each.flatMap(({ unchecked }) => unchecked),
  };
}

function sumsOf({ name, nodes, components, requests: declared }: Cluster, inventory: Inventory): Examination {
  const unreadable: { release: string; text: string }[] = [];
  const note = (by: string, why: string): unknown => unreadable.push({ release: `${name}/${by}`, text: why });
  const workloads = workloadsOf(inventory, note);
  const { rooms, unplaced } = placed(workloads, nodes);
  const onNodes = (workload: Workload): number =>
    workload.isOnEveryNode ? nodes.filter((node) => mayRunOn(workload, node, nodes)).length : workload.replicas;
  const asked = sum(...workloads.map((workload) => times(workload.ask, onNodes(workload))));
  const forWorkloads = nodes.filter((node) => !isTainted(node, nodes));
  const memory = forWorkloads.reduce((all, { memoryMiB }) => all + memoryMiB, 0);
  // What tolerates the taint can be on another node.
  const there = workloads.filter(({ toleratesControlPlane, isOnEveryNode }) => isOnEveryNode || !toleratesControlPlane);
  const pods = (workload: Workload): number => (workload.isOnEveryNode ? forWorkloads.length : workload.replicas);
  const limits = there.reduce((all, workload) => all + workload.limits.memory * pods(workload), 0);
  const unlimited = there.reduce((all, workload) => all + workload.limits.unlimited * pods(workload), 0);
  const claims = claimsOf(inventory, note);
  const claimed = [...claims.values()].reduce((all, gib) => all + gib, 0);
  const disks = forWorkloads.reduce((all, { diskGiB, role }) => all + diskGiB - reserve[role].storageGiB, 0);
  const lent = lentBy(components, inventory, workloads);
  const undeclaredAsks = components.flatMap(({ id, requests: own, dependsOn }) => {
    const requests = dependsOn.reduce((all, other) => added(all, lent.get(other)), own);
    const asks = workloads.filter(({ by }) => by === id).map((workload) => times(workload.ask, onNodes(workload)));
    return undeclared(requests, sum(...asks), claims.get(id) ?? 0).map((more) => ({ release: `${name}/${id}`, text: more }));
  });
  const tooSmall = [
    ...(unplaced.length === 0
      ? []
      : [
          {
            release: `${name}/${unplaced[0]!.by}`,
            text: `no node has room for ${counted(unplaced.length, 'pod')}: ${unplaced.map(({ text: pod }) => pod).join(', ')}; left on the nodes: ${leftOn(rooms)}; give the nodes more or ask for less`,
          },
        ]),
    ...(claimed > disks
      ? [
          {
            release: `${name}/${[...claims.keys()].at(-1)}`,
            text: `claims of ${gib(claimed)} on disks that have ${gib(disks)} for them: ${[...claims].map(([id, size]) => `${id} ${gib(size)}`).join(', ')}; make claims smaller or disks larger`,
          },
        ]
      : []),
  ];
  // Only a fleet with budget.overcommit is resolved although its components declare more than its nodes have: it has decided so, and is warned there.
  const isOvercommitted = shortages(declared).length > 0;
  const share = `limits of memory add up to ${gib(limits / 1024)} on ${gib(memory / 1024)} of nodes for workloads (${(limits / memory).toFixed(1)} ×), ${unlimited} containers have none`;
  const absent = inventory.releases
    .filter(({ isUnknown, component }) => isUnknown && component.chart !== null)
    .map(({ component }) => component.id);
  return {
    checked: [
      `${name}: pods ask for ${text(asked)} of ${text(allocatableOf(rooms))}; ${share}; claims of ${gib(claimed)} of ${gib(disks)}`,
    ],
    faults: [...unreadable, ...undeclaredAsks, ...(isOvercommitted ? [] : tooSmall)],
    notes: isOvercommitted
      ? tooSmall.length === 0
        ? []
        : [`${name}: this fleet overcommits its nodes: ${counted(unplaced.length, 'pod')} of the real charts would find no room`]
      : limits > overcommit * memory
        ? [`${name}: ${share}: when many pods grow at once, the kernel kills some`]
        : [],
    unchecked:
      absent.length === 0
        ? []
        : [`${name}: requests, limits and claims of ${absent.join(', ')} are not in the sums: their charts are not here`],
  };
}

const gib = (amount: number): string => `${Number(amount.toFixed(1))} GiB`;

type Declared = ResolvedComponent['requests'];

/** Declarations of components without pods: their containers are sidecars in the release of a component that depends on them, as app-repository's are. */
const lentBy = (
  components: Cluster['components'],
  { releases }: Inventory,
  workloads: readonly Workload[],
): ReadonlyMap<string, Declared> =>
  new Map(
    components
      .filter(
        ({ id }) =>
          !workloads.some(({ by }) => by === id) && !releases.some(({ component, isUnknown }) => component.id === id && isUnknown),
      )
      .map(({ id, requests }) => [id, requests]),
  );

const added = (one: Declared, other: Declared | undefined): Declared =>
  other === undefined
    ? one
    : {
        cpuMillicores: one.cpuMillicores + other.cpuMillicores,
        memoryMiB: one.memoryMiB + other.memoryMiB,
        storageGiB: one.storageGiB + other.storageGiB,
      };

/** What a release renders beyond what its component declares: the budget that is checked before anything is made then says too little. */
function undeclared(
  { cpuMillicores, memoryMiB, storageGiB }: ResolvedComponent['requests'],
  { cpu, memory }: Ask,
  claimed: number,
): readonly string[] {
  const over = (found: number, declared: number, unit: string): readonly string[] =>
    Math.ceil(found - 0.5) > declared
      ? [
          `its pods ask for ${Math.round(found)} ${unit}, and \`requests\` of the component says ${declared}; mend the values or \`requests\``,
        ]
      : [];
  return [
    ...over(cpu, cpuMillicores, 'millicores'),
    ...over(memory, memoryMiB, 'MiB of memory'),
    ...over(claimed, storageGiB, 'GiB of claims'),
  ];
}

/** GiB that each component claims: by itself, and per pod of a StatefulSet. */
function claimsOf({ things }: Inventory, unreadable: (by: string, why: string) => void): ReadonlyMap<string, number> {
  const claims = new Map<string, number>();
  for (const { by, kind, name, object } of things) {
    const perPod = kind === 'StatefulSet' ? listAt(object, 'spec', 'volumeClaimTemplates') : [];
    const own = kind === 'PersistentVolumeClaim' ? [object] : [];
    try {
      const replicas = Number(at(object, 'spec', 'replicas') ?? 1);
      const size = sizeOf(own) + sizeOf(perPod) * replicas;
      if (size > 0) claims.set(by, (claims.get(by) ?? 0) + size);
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      unreadable(by, `${kind}/${name}: ${error.message}`);
    }
  }
  return claims;
}

const sizeOf = (claims: readonly unknown[]): number =>
  claims.reduce<number>((all, claim) => all + quantity(at(claim, 'spec', 'resources', 'requests', 'storage')), 0) / 2 ** 30;
