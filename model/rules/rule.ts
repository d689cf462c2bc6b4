import type { Component } from '../../components/define';
import type { FleetChange } from '../../config/change';
import type { KubernetesSource } from '../../config/kubernetes-versions';
import type { FleetProblem } from '../../config/problem';
import type { ClusterSpec, FleetSpec, NodeSpec } from '../../config/schema';
import type { MachineProvider } from '../../machines/define';

export interface RuleFacts {
  readonly spec: FleetSpec;
  readonly fleetName: string;
  /** The recorded network, the one in the fleet file, or `null` while none is chosen. */
  readonly network: string | null;
  readonly providers: readonly MachineProvider[];
  /** The one that carries the fleet; `null` while that cannot be said. */
  readonly provider: MachineProvider | null;
  readonly catalog: readonly Component[];
  readonly source: KubernetesSource;
}

/** One way out of a problem, in words and as data. */
export interface WayOut {
  readonly remedy: string;
  readonly changes: readonly FleetChange[];
}

/** `waysOut`, the cheapest first: the first that brings no new problem becomes the remedy, `remedy` is for when none does. */
export type BrokenRule = Omit<FleetProblem, 'id' | 'changes'> & { readonly waysOut?: readonly WayOut[] };

/** One rule about fleets; its id is the name of its file. */
export interface Rule {
  readonly id: string;
  readonly check: (facts: RuleFacts) => readonly BrokenRule[];
}

export type PlacedCluster = ClusterSpec & { readonly path: readonly (string | number)[] };
export type PlacedNode = NodeSpec & { readonly path: readonly (string | number)[]; readonly cluster: PlacedCluster };

export function clustersOf(spec: FleetSpec): readonly PlacedCluster[] {
  return spec.clusters.map((cluster, index) => ({ ...cluster, path: ['clusters', index] }));
}

export function nodesOf(cluster: PlacedCluster): readonly PlacedNode[] {
  return cluster.nodes.map((node, index) => ({ ...node, cluster, path: [...cluster.path, 'nodes', index] }));
}

export const allNodes = (spec: FleetSpec): readonly PlacedNode[] => clustersOf(spec).flatMap(nodesOf);
