import type { ComponentContext, ContextCluster, Role } from '../../model';

const roles: readonly Role[] = ['hub', 'agent', 'standalone'];

const clusters: readonly ContextCluster[] = roles.map((role, index) => ({
  name: role,
  id: index + 1,
  role,
  podCidr: `10.${101 + index}.0.0/16`,
  serviceCidr: `10.${201 + index}.0.0/16`,
  api: { name: `${role}.flotilla.internal`, port: 6443 },
  nodes: [{ name: `${role}-1`, role: 'control-plane', address: `10.77.0.${11 + index}`, cpus: 2, memoryMiB: 4096, diskGiB: 20 }],
}));

/** Clusters of every role, with everything installed and with nothing but what must be: what a component can be asked for at most. */
export const sampleContexts = (file: (path: string) => string): readonly ComponentContext[] =>
  clusters.flatMap((cluster) =>
    [true, false].map((has) => ({
      cluster,
      nodes: cluster.nodes,
      clusters,
      hub: clusters[0]!,
      domain: 'flotilla.internal',
      kubernetesVersion: '1.35.4',
      has: () => has,
      file,
    })),
  );
