import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeRole, ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { addressOf } from '../machines/inventory';
import { sshCommand } from '../machines/ssh-command';
import { apiUrl, type Endpoint, readEndpoints, unpublishedPorts } from './endpoints';

/** How to reach what runs. Paths and addresses only, never what is in the files. */
export interface FleetOutputs {
  readonly deployment: string;
  /** One file with a context per cluster. */
  readonly kubeconfig: string;
  readonly clusters: readonly {
    readonly name: string;
    readonly api: { readonly url: string; readonly name: string; readonly answers: boolean };
    /** This cluster's own file. */
    readonly kubeconfig: string;
    /** Its name in the file of all clusters. */
    readonly context: string;
    /** `ssh` is `null` where nodes are no machines. */
    readonly nodes: readonly {
      readonly name: string;
      readonly role: NodeRole;
      readonly address: string;
      readonly ssh: readonly string[] | null;
    }[];
    /** Empty where the API does not answer. */
    readonly endpoints: readonly Endpoint[];
    /** Ports of the host that the fleet file names, and that a kind cluster was made without. */
    readonly unpublishedPorts: readonly number[];
  }[];
}

/** Of the clusters that there are; `null` before the first one. */
export async function readOutputs(deployment: Deployment): Promise<FleetOutputs | null> {
  const clusters = deployment.model.clusters.filter((cluster) => existsSync(deployment.kubeconfig(cluster)));
  if (clusters.length === 0) return null;
  return {
    deployment: deployment.model.deployment,
    kubeconfig: join(deployment.folder, 'kubeconfig', 'merged'),
    clusters: await Promise.all(clusters.map((cluster) => clusterOutputs(deployment, cluster))),
  };
}

async function clusterOutputs(deployment: Deployment, cluster: ResolvedCluster): Promise<FleetOutputs['clusters'][number]> {
  const endpoints = await readEndpoints(deployment, cluster);
  return {
    name: cluster.name,
    api: { url: apiUrl(deployment, cluster), name: cluster.api.name, answers: endpoints !== null },
    kubeconfig: deployment.kubeconfig(cluster),
    context: cluster.name,
    nodes: cluster.nodes.map((node) => {
      const { name, role } = node;
      const address = addressOf(deployment, node);
      const ssh = deployment.model.provider.brings === 'clusters' ? null : sshCommand(deployment.folder, { name, address });
      return { name, role, address, ssh };
    }),
    endpoints: endpoints ?? [],
    unpublishedPorts: unpublishedPorts(deployment, cluster),
  };
}
