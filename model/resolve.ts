import { catalog as ourCatalog } from '../components';
import { type Component, type ContextCluster, deepFreeze } from '../components/define';
import { hostAddress, parseCidr } from '../config/cidr';
import { FleetError } from '../config/problem';
import type { ClusterSpec, FleetSpec } from '../config/schema';
import { everyKindFrom, type SourceChoice } from '../config/sources';
import { defaultNetwork, type MachineProvider } from '../machines/define';
import { clusterCidrs } from './addressing';
import { brokenContracts } from './contracts';
import { type DeploymentRecord, deploymentName } from './deployment-identity';
import { leased } from './dynamic-address';
import { reachWarnings, roadTo, servingOf } from './fleet-services';
import { kubernetesOf } from './kubernetes-of';
import { poolRange } from './load-balancer-pool';
import { apiName, bridgeName, machineName } from './names';
import { overlayNotes } from './notes';
import type { PlatformRequest, ReadFile } from './platform-request';
import { resolvePlatform } from './resolve-platform';
import type { ResolvedCluster, ResolvedFleet, ResolvedNode, ResolvedStack } from './resolved-fleet';
import { kubernetesWarnings } from './rules/kubernetes-version';
import { featureWarnings } from './rules/provider-features';
import { overcommitWarnings } from './rules/requests-fit';
import { selectComponents } from './select-components';
import { type ValidateOptions, validateFleet } from './validate';

const apiPort = 6443;

export interface ResolveOptions extends Omit<ValidateOptions, 'network' | 'providers' | 'provider'> {
  /** uid, network and, unless they are leased, an address for every node, as recorded. */
  readonly deployment: Pick<DeploymentRecord, 'uid' | 'network' | 'addresses'>;
  readonly provider: MachineProvider;
  readonly readFile: ReadFile;
  /** Where each kind of thing comes from; `source` is that of its packages. @default - everything offline */
  readonly sources?: SourceChoice;
}

/** The resolved fleet, deeply frozen and JSON-able. Pure: all that it reads comes through `readFile`. Throws FleetError with everything that is wrong. */
export function resolve(options: ResolveOptions): ResolvedFleet {
  const { fleet, deployment, provider, source = 'offline', readFile } = options;
  const spec = validateFleet({ ...options, network: deployment.network, providers: [provider], provider });
  const isLeased = provider.addresses === 'leased';
  const gateway = isLeased ? leased('gateway') : hostAddress(deployment.network, 1);
  const { port } = spec.registry;
  const kubernetesVersion = kubernetesOf(spec, provider, source)!;
  const known = { ...options, spec, kubernetesVersion, readFile };
  const outlines = spec.clusters.map((cluster) => outline(cluster, known));
  const joined = joinedBy(spec, outlines, options.catalog ?? ourCatalog);
  const clusters = spec.clusters.map((cluster) => resolveCluster(cluster, outlines, known, joined));
  const stacks = stacksOf(clusters, provider);
  const broken = brokenContracts({ clusters, stacks });
  if (broken.length > 0) throw new FleetError(fleet.name, broken.map(fleet.locate));
  return deepFreeze({
    fleet: fleet.name,
    deployment: deploymentName({ fleet: fleet.name, overlay: fleet.overlay, provider: provider.id }),
    uid: deployment.uid,
    provider: {
      id: provider.id,
      scripts: provider.scripts,
      hostScripts: provider.hostScripts,
      brings: provider.brings,
      addresses: provider.addresses,
      network: spec.machineNetwork ?? defaultNetwork(provider),
      image: spec.image ?? provider.image,
      resize: provider.resize,
    },
    kubernetesVersion,
    featureGates: spec.featureGates,
    sources: options.sources ?? everyKindFrom('offline'),
    wantedSources: spec.sources,
    charts: { mirror: spec.charts.mirror ?? null },
    domain: spec.domain,
    network: {
      cidr: deployment.network,
      prefixLength: parseCidr(deployment.network)!.prefixLength,
      gateway,
      bridge: bridgeName(deployment.uid),
      registry: { port, url: isLeased ? leased('registry') : `http://${gateway}:${port}` },
    },
    budget: {
      nodesMemoryMiB: clusters.flatMap(({ nodes }) => nodes).reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
      hostMemoryMiB: spec.budget.memoryMiB,
    },
    clusters,
    stacks,
    warnings: [
      ...kubernetesWarnings(spec),
      ...featureWarnings({ spec, provider, catalog: options.catalog ?? ourCatalog }),
      ...overcommitWarnings(spec, options.catalog ?? ourCatalog),
      ...reachWarnings({ clusters }, joined.road),
    ],
    notes: overlayNotes(fleet, spec, options.catalog ?? ourCatalog),
  });
}

type ClusterOptions = ResolveOptions & { readonly spec: FleetSpec; readonly kubernetesVersion: string };

/** What everybody may know of a cluster. */
function outline(cluster: ClusterSpec, { deployment, provider, spec }: ClusterOptions): ContextCluster {
  const { name, id, role } = cluster;
  const { podCidr, serviceCidr } = clusterCidrs(cluster);
  const addressFor = (node: string) => (provider.addresses === 'leased' ? leased(node) : addressOf(node, deployment));
  const nodes = cluster.nodes.map(({ cpus, memoryMiB, diskGiB, ...node }) => {
    return { name: node.name, role: node.role, address: addressFor(node.name), cpus, memoryMiB, diskGiB };
  });
  const pool = poolRange(cluster, deployment.network);
  const api = { name: apiName(name, spec.domain), port: apiPort };
  return { name, id, role, podCidr: podCidr!, serviceCidr: serviceCidr!, api, ...(pool ? { loadBalancerPool: pool } : {}), nodes };
}

/** What the hub has for the others, and how they come to it. */
function joinedBy(
  spec: FleetSpec,
  outlines: readonly ContextCluster[],
  catalog: readonly Component[],
): Pick<PlatformRequest, 'serving' | 'road'> {
  const hub = spec.clusters.find(({ role }) => role === 'hub');
  if (hub === undefined || spec.clusters.length === 1) return { serving: [], road: { by: 'nothing' } };
  const { components } = selectComponents(hub, catalog);
  return { serving: servingOf(components), road: roadTo(outlines.find(({ name }) => name === hub.name)!, components) };
}

function resolveCluster(
  cluster: ClusterSpec,
  outlines: readonly ContextCluster[],
  options: ClusterOptions,
  joined: Pick<PlatformRequest, 'serving' | 'road'>,
): ResolvedCluster {
  const { deployment, provider, spec, kubernetesVersion, readFile, catalog = ourCatalog } = options;
  const own = outlines.find(({ name }) => name === cluster.name)!;
  const { podCidr, serviceCidr, api } = own;
  const nodes = own.nodes.map((node): ResolvedNode => {
    // What brings whole clusters names their machines itself, as the fleet has to (rule brought-names).
    const machine = provider.brings === 'clusters' ? node.name : machineName(deployment.uid, node.name);
    return { ...node, machine };
  });
  const { components } = selectComponents(cluster, catalog);
  const { components: resolved, ...amounts } = resolvePlatform({
    cluster: own,
    clusters: outlines,
    domain: spec.domain,
    kubernetesVersion,
    components,
    reachable: catalog,
    values: cluster.components.values,
    userSecrets: cluster.components.secrets,
    settings: spec.secrets,
    ...joined,
    readFile,
  });
  return {
    name: cluster.name,
    id: cluster.id,
    role: cluster.role,
    podCidr,
    serviceCidr,
    api,
    hostPorts: cluster.hostPorts,
    nodes,
    skipPhases: [...new Set(components.flatMap(({ replaces }) => replaces ?? []))].map((addon) => `addon/${addon}`),
    kubeconfig: `kubeconfig/${cluster.name}`,
    components: resolved,
    ...amounts,
  };
}

function stacksOf(clusters: readonly ResolvedCluster[], { addresses, brings }: MachineProvider): readonly ResolvedStack[] {
  // Leased addresses of other clusters are known only when their machines are there, so what names them all comes after every cluster.
  const linked = addresses === 'leased' && brings === 'machines' && clusters.length > 1;
  // Not the platforms of those that are let in: they come up without.
  const hosts = clusters.filter(({ components }) => components.some(({ links }) => links.length > 0)).map(({ name }) => name);
  const others = clusters.map(({ name }) => name).filter((name) => !hosts.includes(name));
  const needs = [...hosts.map((name) => `${name}-platform`), ...others, ...(linked ? ['links'] : [])];
  const access: ResolvedStack = { name: 'access', kind: 'access', cluster: null, needs };
  return [
    { name: 'foundation', kind: 'foundation', cluster: null, needs: [] },
    ...clusters.map(({ name }): ResolvedStack => ({ name, kind: 'cluster', cluster: name, needs: ['foundation'] })),
    ...clusters.map(({ name }): ResolvedStack => ({ name: `${name}-platform`, kind: 'platform', cluster: name, needs: [name] })),
    ...(linked ? [{ name: 'links', kind: 'links', cluster: null, needs: clusters.map(({ name }) => name) } as const] : []),
    ...(hosts.length > 0 ? [access] : []),
  ];
}

function addressOf(node: string, { addresses }: Pick<DeploymentRecord, 'addresses'>): string {
  return addresses[node] ?? fail(`node "${node}" has no recorded address; recordAddresses comes before resolve`);
}

function fail(message: string): never {
  throw new Error(message);
}
