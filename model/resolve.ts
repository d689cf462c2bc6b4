import { catalog as ourCatalog } from '../components';
import { type ComponentContext, deepFreeze } from '../components/define';
import { hostAddress, parseCidr } from '../config/cidr';
import { type DeploymentRecord, deploymentName } from '../config/deployment';
import { kubernetesPin } from '../config/kubernetes-versions';
import type { ClusterSpec, FleetSpec } from '../config/schema';
import type { MachineProvider } from '../machines/define';
import { clusterCidrs } from './addressing';
import { apiName, bridgeName, machineName } from './names';
import { type ReadFile, resolveComponents } from './resolve-components';
import type { ResolvedCluster, ResolvedFleet, ResolvedNode, ResolvedStack } from './resolved-fleet';
import { kubernetesWarnings } from './rules/kubernetes-version';
import { selectComponents } from './select-components';
import { type ValidateOptions, validateFleet } from './validate';

const apiPort = 6443;
const registryPort = 5000;

export interface ResolveOptions extends Omit<ValidateOptions, 'network' | 'providers'> {
  /** uid, network and an address for every node, as recorded. */
  readonly deployment: Pick<DeploymentRecord, 'uid' | 'network' | 'addresses'>;
  readonly provider: MachineProvider;
  readonly readFile: ReadFile;
}

/** The resolved fleet, deeply frozen and JSON-able. Pure: all that it reads comes through `readFile`. Throws FleetError with everything that is wrong. */
export function resolve(options: ResolveOptions): ResolvedFleet {
  const { fleet, deployment, provider, source = 'offline', readFile } = options;
  const spec = validateFleet({ ...options, network: deployment.network, providers: [provider] });
  const gateway = hostAddress(deployment.network, 1);
  const { kubernetes: kubernetesVersion } = kubernetesPin(spec.kubernetes, source)!;
  const clusters = spec.clusters.map((cluster) => resolveCluster(cluster, { ...options, spec, kubernetesVersion, readFile }));
  return deepFreeze({
    fleet: fleet.name,
    deployment: deploymentName({ fleet: fleet.name, overlay: fleet.overlay, provider: provider.id }),
    uid: deployment.uid,
    provider: { id: provider.id, scripts: provider.scripts, hostScripts: provider.hostScripts },
    kubernetesVersion,
    domain: spec.domain,
    network: {
      cidr: deployment.network,
      prefixLength: parseCidr(deployment.network)!.prefixLength,
      gateway,
      bridge: bridgeName(deployment.uid),
      registry: { port: registryPort, url: `http://${gateway}:${registryPort}` },
    },
    budget: {
      nodesMemoryMiB: clusters.flatMap(({ nodes }) => nodes).reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
      hostMemoryMiB: spec.budget.memoryMiB,
    },
    clusters,
    stacks: stacksOf(clusters),
    warnings: kubernetesWarnings(spec),
  });
}

type ClusterOptions = ResolveOptions & { readonly spec: FleetSpec; readonly kubernetesVersion: string };

function resolveCluster(cluster: ClusterSpec, options: ClusterOptions): ResolvedCluster {
  const { deployment, spec, kubernetesVersion, readFile, catalog = ourCatalog } = options;
  const { podCidr, serviceCidr } = clusterCidrs(cluster);
  const nodes = cluster.nodes.map((node): ResolvedNode => {
    const { name, role, cpus, memoryMiB, diskGiB } = node;
    return { name, role, machine: machineName(deployment.uid, name), address: addressOf(name, deployment), cpus, memoryMiB, diskGiB };
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
    nodes,
    skipPhases: [...new Set(components.flatMap(({ replaces }) => replaces ?? []))].map((addon) => `addon/${addon}`),
    kubeconfig: `kubeconfig/${cluster.name}`,
    components: resolveComponents(cluster, catalog, context, readFile),
  };
}

function stacksOf(clusters: readonly ResolvedCluster[]): readonly ResolvedStack[] {
  return [
    { name: 'foundation', kind: 'foundation', cluster: null, needs: [] },
    ...clusters.map(({ name }): ResolvedStack => ({ name, kind: 'cluster', cluster: name, needs: ['foundation'] })),
    ...clusters.map(({ name }): ResolvedStack => ({ name: `${name}-platform`, kind: 'platform', cluster: name, needs: [name] })),
  ];
}

function addressOf(node: string, { addresses }: Pick<DeploymentRecord, 'addresses'>): string {
  return addresses[node] ?? fail(`node "${node}" has no recorded address; recordAddresses comes before resolve`);
}

function fail(message: string): never {
  throw new Error(message);
}
