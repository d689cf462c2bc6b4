import type { Component } from '../components/define';
import { type Road, type Serving, serviceRelease, servicesHere, servingOf } from './fleet-services';
import { networkPolicies, policyRelease } from './network-policies';
import type { ResolvedCluster, ResolvedComponent } from './resolved-fleet';

export interface Fleet {
  /** What the hub has for the others; nothing where there is no hub. */
  readonly serving: readonly Serving[];
  readonly road: Road;
}

/** A cluster's components with what the fleet adds to them: services under names that hold everywhere, the way to those of the hub, and network policies. */
export function joinComponents(
  resolved: readonly ResolvedComponent[],
  cluster: Pick<ResolvedCluster, 'role' | 'api'>,
  components: readonly Component[],
  { serving, road }: Fleet,
): readonly ResolvedComponent[] {
  const isAgent = cluster.role === 'agent';
  // Nobody else calls a cluster that stands alone.
  const own = isAgent ? [] : servingOf(components);
  const way: Road = cluster.role === 'hub' ? road : { by: 'nothing' };
  const serves = resolved.map((component) => {
    const served = own.find(({ component: { id } }) => id === component.id);
    return served === undefined ? component : { ...component, resources: [...component.resources, ...servicesHere(served, way)] };
  });
  const joined = isAgent ? [...serving.map((one) => serviceRelease(one, road)), ...serves] : serves;
  const policies = cluster.role === 'standalone' ? [] : networkPolicies({ cluster, components, serving, road });
  return policies.length === 0 ? joined : [...joined, policyRelease(policies, joined)];
}
