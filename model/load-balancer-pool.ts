import { hostAddress } from '../config/cidr';
import type { ClusterSpec } from '../config/schema';

/** Positions in the network of the machines, both ends included. */
export interface PoolPositions {
  readonly first: number;
  readonly last: number;
}

/** What the cluster may give to services of type LoadBalancer: as the fleet says, else ten by its id, `null` where there is no room for them. */
export function poolOf({ id, loadBalancerPool }: Pick<ClusterSpec, 'id' | 'loadBalancerPool'>): PoolPositions | null {
  if (loadBalancerPool !== undefined) return loadBalancerPool;
  return id <= 5 ? { first: 190 + 10 * id, last: 199 + 10 * id } : null;
}

/** The same as addresses, `<first>-<last>`. */
export function poolRange(cluster: Pick<ClusterSpec, 'id' | 'loadBalancerPool'>, network: string): string | null {
  const pool = poolOf(cluster);
  return pool && `${hostAddress(network, pool.first)}-${hostAddress(network, pool.last)}`;
}
