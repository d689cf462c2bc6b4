import { catalog as ourCatalog } from '../components';
import { type ComponentContext, deepFreeze } from '../components/define';
import { hostAddress, parseCidr } from '../config/cidr';
import { type DeploymentRecord, deploymentName } from '../config/deployment';
import type { ClusterSpec, FleetSpec } from '../config/schema';
import { everyKindFrom, type SourceChoice } from '../config/sources';
import { defaultNetwork, type MachineProvider } from '../machines/define';
import { clusterCidrs } from './addressing';
import { kubernetesOf } from './kubernetes-of';
import { leased } from './leased';
import { apiName, bridgeName, machineName } from './names';
import { overlayNotes } from './notes';
import { type ReadFile, resolveComponents } from './resolve-components';
import type { ResolvedCluster, ResolvedFleet, ResolvedNode, ResolvedStack } from './resolved-fleet';
import { kubernetesWarnings } from './rules/kubernetes-version';
import { featureWarnings } from './rules/provider-features';
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
  const clusters = spec.clusters.map((cluster) => resolveCluster(cluster, { ...options, spec, kubernetesVersion, readFile }));
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
    sources: options.sources ?? everyKindFrom('offline'),
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
    stacks: stacksOf(clusters, provider),
    warnings: [...kubernetesWarnings(spec), ...featureWarnings({ spec, provider, catalog: options.catalog ?? ourCatalog })],
    notes: overlayNotes(fleet, spec, options.catalog ?? ourCatalog),
  });
}

type ClusterOptions = ResolveOptions & { readonly spec: FleetSpec; readonly kubernetesVersion: string };

function resolveCluster(cluster: ClusterSpec, options: ClusterOptions): ResolvedCluster {
  const { deployment, provider, spec, kubernetesVersion, readFile, catalog = ourCatalog } = options;
  const { podCidr, serviceCidr } = clusterCidrs(cluster);
  const nodes = cluster.nodes.map((node): ResolvedNode => {
    const { name, role, cpus, memoryMiB, diskGiB } = node;
    const address = provider.addresses === 'leased' ? leased(name) : addressOf(name, deployment);
    // What brings whole clusters names their machines itself, as the fleet has to (rule brought-names).
    const machine = provider.brings === 'clusters' ? name : machineName(deployment.uid, name);
    return { name, role, machine, address, cpus, memoryMiB, diskGiB };
  });
  const context: ComponentContext = {
    cluster: { name: cluster.name, id: cluster.id, podCidr: podCidr!, serviceCidr: serviceCidr! },
    nodes: nodes.map(({ name, role, address }) => ({ name, role, address })),
    domain: spec.domain,
    kubernetesVersion,
    file: (path) => readFile(path) ?? fail(`there is no ${path}, which a component of cluster "${cluster.name}" asks for`),
  };
  const { components } = selectComponents(cluster, catalog);
  return {
    name: cluster.name,
    id: cluster.id,
    role: cluster.role,
    podCidr: podCidr!,
    serviceCidr: serviceCidr!,
    api: { name: apiName(cluster.name, spec.domain), port: apiPort },
    hostPorts: cluster.hostPorts,
    nodes,
    skipPhases: [...new Set(components.flatMap(({ replaces }) => replaces ?? []))].map((addon) => `addon/${addon}`),
    kubeconfig: `kubeconfig/${cluster.name}`,
    components: resolveComponents(cluster, catalog, context, readFile),
  };
}

function stacksOf(clusters: readonly ResolvedCluster[], { addresses, brings }: MachineProvider): readonly ResolvedStack[] {
  // Leased addresses of other clusters are known only when their machines are there, so what names them all comes after every cluster.
  const linked = addresses === 'leased' && brings === 'machines' && clusters.length > 1;
  return [
    { name: 'foundation', kind: 'foundation', cluster: null, needs: [] },
    ...clusters.map(({ name }): ResolvedStack => ({ name, kind: 'cluster', cluster: name, needs: ['foundation'] })),
    ...clusters.map(({ name }): ResolvedStack => ({ name: `${name}-platform`, kind: 'platform', cluster: name, needs: [name] })),
    ...(linked ? [{ name: 'links', kind: 'links', cluster: null, needs: clusters.map(({ name }) => name) } as const] : []),
  ];
}

function addressOf(node: string, { addresses }: Pick<DeploymentRecord, 'addresses'>): string {
  return addresses[node] ?? fail(`node "${node}" has no recorded address; recordAddresses comes before resolve`);
}

function fail(message: string): never {
  throw new Error(message);
}
