import type { Component, ComponentContext, ContextCluster } from '../components/define';
import { type Buffer, buffersOf } from './buffers';
import type { Road, Serving } from './fleet-services';
import { fillers } from './install-order';
import { joinComponents } from './joined-components';
import { type ClusterRequests, requestsOf } from './requests';
import { type FleetSettings, type ReadFile, resolveComponents, type StepInputs, type Values } from './resolve-components';
import type { ResolvedComponent } from './resolved-fleet';

/** One cluster, what it installs, and what the fleet around it provides: everything that a platform is resolved from. */
export interface PlatformRequest {
  readonly cluster: ContextCluster;
  /** All clusters of the fleet in its order, including this one. */
  readonly clusters: readonly ContextCluster[];
  readonly domain: string;
  readonly kubernetesVersion: string;
  /** Everything that is installed, closed over `requires`. The order decides between components that do not depend on each other. */
  readonly components: readonly Component[];
  /** Components that an agent may use on its hub. */
  readonly reachable: readonly Component[];
  /** Helm values by component id, merged over those of the component. */
  readonly values: Values;
  /** Names of user-supplied secrets by component id. */
  readonly userSecrets: Readonly<Record<string, readonly string[]>>;
  /** Settings of the fleet file that scripts of components receive. @default - none */
  readonly settings?: FleetSettings;
  /** Additional script input by component id and step id. @default - none */
  readonly stepInputs?: StepInputs;
  /** Services that the hub exports to the fleet. */
  readonly serving: readonly Serving[];
  /** How clusters reach these services. */
  readonly road: Road;
  /** Whether namespaces deny all traffic that no component declares. @default - true for hubs and agents, false for standalone clusters */
  readonly defaultDeny?: boolean;
  readonly readFile: ReadFile;
}

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
