import type { ResolvedCluster, ResolvedFleet, ResolvedStack } from '../../model/resolved-fleet';

/** What is inside of a stack, or a stack itself. */
export interface Vertex {
  readonly id: string;
  readonly label: string;
  /** Ids that come before it. */
  readonly needs: readonly string[];
}

export interface StackVertex extends Vertex {
  /** Empty where only stacks are asked for. */
  readonly steps: readonly Vertex[];
}

export interface GraphOptions {
  /** Only the stacks of this cluster, and what the whole fleet shares. @default - all */
  readonly cluster?: string | undefined;
  /** What is inside of the stacks too: nodes and components. */
  readonly steps: boolean;
}

/** Stacks and what they hold, from the resolved fleet alone. */
export function fleetGraph(fleet: ResolvedFleet, { cluster: only, steps }: GraphOptions): readonly StackVertex[] {
  const stacks = fleet.stacks.filter(({ cluster }) => only === undefined || cluster === null || cluster === only);
  const names = new Set(stacks.map(({ name }) => name));
  return stacks.map((stack) => ({
    id: stack.name,
    label: stack.name,
    needs: stack.needs.filter((needed) => names.has(needed)),
    steps: steps
      ? inside(
          stack,
          fleet.clusters.find(({ name }) => name === stack.cluster),
        )
      : [],
  }));
}

function inside({ name: stack, kind }: ResolvedStack, cluster: ResolvedCluster | undefined): readonly Vertex[] {
  if (cluster === undefined) return [];
  const idOf = (name: string): string => `${stack}/${name}`;
  if (kind === 'platform') return cluster.components.map(({ id, dependsOn }) => ({ id: idOf(id), label: id, needs: dependsOn.map(idOf) }));
  const first = cluster.nodes.find(({ role }) => role === 'control-plane');
  return cluster.nodes.map((node) => ({
    id: idOf(node.name),
    // A leased address is not known before there is a machine.
    label: `${node.name} (${[node.role, ...(node.address.startsWith('leased(') ? [] : [node.address])].join(', ')})`,
    // Everyone joins what the first control plane has started.
    needs: first === undefined || node === first ? [] : [idOf(first.name)],
  }));
}
