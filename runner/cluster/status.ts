import type { NodeRole, ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { addressOf } from '../machines/inventory';
import { kubectlItems } from './kubectl';

export interface FleetStatus {
  readonly fleet: string;
  readonly clusters: readonly {
    readonly name: string;
    /** Every node of the fleet file is there and Ready. */
    readonly ready: boolean;
    readonly nodes: readonly { readonly name: string; readonly role: NodeRole; readonly address: string; readonly ready: boolean }[];
  }[];
}

interface KubernetesNode {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

/** The nodes of the fleet file as their clusters see them; not ready where an API does not answer. */
export async function readStatus(deployment: Deployment): Promise<FleetStatus> {
  const { fleet, clusters } = deployment.model;
  return { fleet, clusters: await Promise.all(clusters.map((cluster) => clusterStatus(deployment, cluster))) };
}

async function clusterStatus(deployment: Deployment, cluster: ResolvedCluster): Promise<FleetStatus['clusters'][number]> {
  const seen = (await kubectlItems<KubernetesNode>(deployment, cluster, ['nodes'])) ?? [];
  const ready = new Set(seen.filter(isReady).map(({ metadata }) => metadata.name));
  const nodes = cluster.nodes.map((node) => ({
    name: node.name,
    role: node.role,
    address: addressOf(deployment, node),
    ready: ready.has(node.name),
  }));
  return { name: cluster.name, ready: nodes.every((node) => node.ready), nodes };
}

const isReady = ({ status }: KubernetesNode): boolean =>
  status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
