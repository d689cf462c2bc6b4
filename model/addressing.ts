import type { ClusterSpec } from '../config/schema';

/** Where the lab networks are taken from. */
export const networkPool = '10.77.0.0/16';

/** Above it, pods would reach into the range of services. */
export const highestDefaultId = 50;

/** A cluster's addresses: as written, or 10.(100 + id) for pods and 10.(200 + id) for services; `null` above id 50, where they must be written. */
export function clusterCidrs({ id, podCidr, serviceCidr }: Pick<ClusterSpec, 'id' | 'podCidr' | 'serviceCidr'>) {
  const byDefault = (base: number) => (id <= highestDefaultId ? `10.${base + id}.0.0/16` : null);
  return { podCidr: podCidr ?? byDefault(100), serviceCidr: serviceCidr ?? byDefault(200) };
}
