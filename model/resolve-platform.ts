import type { ComponentContext } from '../components/define';
import { type Buffer, buffersOf } from './buffers';
import { joinComponents } from './exported-services';
import { fillers } from './install-order';
import type { PlatformRequest } from './platform-request';
import { type ClusterRequests, requestsOf } from './requests';
import { resolveComponents } from './resolve-components';
import type { ResolvedComponent } from './resolved-fleet';

export interface ResolvedPlatform {
  /** In install order. */
  readonly components: readonly ResolvedComponent[];
  readonly requests: ClusterRequests;
  readonly buffers: readonly Buffer[];
}

/** The platform of one cluster. Fleets and foreign apps are resolved by this function only. Throws Error when a component reads a file that does not exist. */
export function resolvePlatform(request: PlatformRequest): ResolvedPlatform {
  const { cluster, clusters, components, readFile, domain, kubernetesVersion } = request;
  const context: ComponentContext = {
    cluster,
    nodes: cluster.nodes,
    clusters,
    hub: clusters.find(({ role }) => role === 'hub') ?? null,
    domain,
    kubernetesVersion,
    has: (target) => fillers(target, components).length > 0,
    file: (path) => readFile(path) ?? missing(path, cluster.name),
  };
  return {
    components: joinComponents(resolveComponents(request, context), request),
    requests: requestsOf(components, cluster.role, cluster.nodes),
    buffers: buffersOf(components, cluster.role, cluster.nodes),
  };
}

function missing(path: string, cluster: string): never {
  throw new Error(`${path} does not exist, and a component of cluster "${cluster}" reads it`);
}
