import { at } from '../model/contracts/objects';
import type { ResolvedNode } from '../model/resolved-fleet';
import type { Inventory, Loose } from './contracts';
import { listAt, type Thing } from './contracts/inventory';
import { type Ask, type ContainerDefaults, podAsk, podLimits } from './pod-requests';
import { QuantityError } from './quantity';

/** Pods that stay: of a Deployment, a StatefulSet or a DaemonSet. Those of Jobs come and go. */
export interface Workload {
  /** The component. */
  readonly by: string;
  /** `shop/Deployment/web` */
  readonly name: string;
  /** Of one pod. */
  readonly ask: Ask;
  /** Of one pod. */
  readonly limits: { readonly memory: number; readonly unlimited: number };
  readonly replicas: number;
  readonly isOnEveryNode: boolean;
  /** Whether its pods may run on a node with the taint of control planes. */
  readonly toleratesControlPlane: boolean;
  readonly spec: Loose;
}

/** @param unreadable gets what is no quantity, once per workload, which is then left out */
export function workloadsOf({ releases, things }: Inventory, unreadable: (by: string, why: string) => void): readonly Workload[] {
  const defaults = new Map<string, ContainerDefaults>(
    releases.flatMap(({ component: { namespace } }) => (namespace.limits === undefined ? [] : [[namespace.name, namespace.limits]])),
  );
  return things.flatMap((thing) => {
    const spec = at(thing.object, 'spec', 'template', 'spec') as Loose | undefined;
    if (
      !/^(Deployment|StatefulSet|DaemonSet)$/.test(thing.kind) ||
      spec === undefined ||
      at(spec, 'nodeSelector', 'kubernetes.io/os') === 'windows'
    )
      return [];
    const name = `${thing.namespace}/${thing.kind}/${thing.name}`;
    const amounts = amountsOf(spec, defaults.get(thing.namespace));
    if (typeof amounts === 'string') {
      unreadable(thing.by, `${name}: ${amounts}`);
      return [];
    }
    return [
      {
        by: thing.by,
        name,
        ...amounts,
        replicas: replicasOf(thing, things),
        isOnEveryNode: thing.kind === 'DaemonSet',
        toleratesControlPlane: listAt(spec, 'tolerations').some(toleratesTaint),
        spec,
      },
    ];
  });
}

/** What a pod asks for and may take, or what of it cannot be read. */
function amountsOf(spec: Loose, defaults: ContainerDefaults | undefined): Pick<Workload, 'ask' | 'limits'> | string {
  try {
    return { ask: podAsk(spec, defaults), limits: podLimits(spec, defaults) };
  } catch (error) {
    if (error instanceof QuantityError) return error.message;
    throw error;
  }
}

/** An autoscaler keeps at least its minimum. */
function replicasOf({ kind, name, namespace, object }: Thing, things: readonly Thing[]): number {
  const scalers = things.filter(
    (one) =>
      one.kind === 'HorizontalPodAutoscaler' &&
      one.namespace === namespace &&
      at(one.object, 'spec', 'scaleTargetRef', 'kind') === kind &&
      at(one.object, 'spec', 'scaleTargetRef', 'name') === name,
  );
  return Math.max(Number(at(object, 'spec', 'replicas') ?? 1), ...scalers.map((one) => Number(at(one.object, 'spec', 'minReplicas') ?? 1)));
}

const controlPlaneTaint = 'node-role.kubernetes.io/control-plane';

function toleratesTaint(toleration: unknown): boolean {
  const [key, operator, effect] = [at(toleration, 'key'), at(toleration, 'operator'), at(toleration, 'effect')];
  const isKey = key === controlPlaneTaint || ((key === undefined || key === '') && operator === 'Exists');
  return isKey && (effect === undefined || effect === '' || effect === 'NoSchedule');
}

type Node = Pick<ResolvedNode, 'name' | 'role'>;

/** kubeadm taints control planes where there are workers. */
export const isTainted = (node: Node, nodes: readonly Node[]): boolean =>
  node.role === 'control-plane' && nodes.some(({ role }) => role === 'worker');

/** Whether a pod may be put on a node, as far as taints and the role in its node selector tell. */
export function mayRunOn({ toleratesControlPlane, spec }: Workload, node: Node, nodes: readonly Node[]): boolean {
  const wantsControlPlane = at(spec, 'nodeSelector', controlPlaneTaint) !== undefined;
  return (toleratesControlPlane || !isTainted(node, nodes)) && (!wantsControlPlane || node.role === 'control-plane');
}
