import type { Component } from '../../components/define';
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
  readonly catalog: readonly Component[];
  readonly source: KubernetesSource;
}

/** One rule about fleets; its id is the name of its file. */
export interface Rule {
  readonly id: string;
  readonly check: (facts: RuleFacts) => readonly Omit<FleetProblem, 'id'>[];
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
