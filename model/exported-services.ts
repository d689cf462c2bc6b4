import { type Road, serviceRelease, servicesHere, servingOf } from './fleet-services';
import { networkPolicies, policyRelease } from './network-policies';
import type { PlatformRequest } from './platform-request';
import type { ResolvedComponent } from './resolved-fleet';

/** The part of a platform request that the fleet's services and network policies depend on. */
type JoinRequest = Pick<PlatformRequest, 'cluster' | 'components' | 'serving' | 'road' | 'defaultDeny'>;

/**
 * The components of a cluster with what the fleet adds to them: services under names that hold in every cluster, the release that makes the hub's services
 * reachable from an agent, and network policies.
 */
export function joinComponents(
  resolved: readonly ResolvedComponent[],
  { cluster, components, serving, road, defaultDeny = cluster.role !== 'standalone' }: JoinRequest,
): readonly ResolvedComponent[] {
  const isAgent = cluster.role === 'agent';
  // No other cluster calls a standalone cluster or an agent.
  const own = isAgent ? [] : servingOf(components);
  const way: Road = cluster.role === 'hub' ? road : { by: 'nothing' };
  const serves = resolved.map((component) => {
    const served = own.find(({ component: { id } }) => id === component.id);
    return served === undefined ? component : { ...component, resources: [...component.resources, ...servicesHere(served, way)] };
  });
  const joined = isAgent ? [...serving.map((one) => serviceRelease(one, road)), ...serves] : serves;
  const policies = defaultDeny ? networkPolicies({ cluster, components, serving, road }) : [];
  return policies.length === 0 ? joined : [...joined, policyRelease(policies, joined)];
}
