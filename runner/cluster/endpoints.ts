import { existsSync, readFileSync } from 'node:fs';
import { hostPortOf, nodePortOf } from '../../model/host-ports';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { addressOf, madeNode } from '../machines/inventory';
import { kubectlItems } from './kubectl';

/** Something of a cluster that answers from outside of it. */
export interface Endpoint {
  /** `<namespace>/<name>` */
  readonly service: string;
  readonly url: string;
}

interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly type: string; readonly ports?: readonly { readonly nodePort?: number }[] };
}

/** Where the API answers: what the kubeconfig says, of several control planes one that is healthy. */
export function apiUrl(deployment: Deployment, cluster: ResolvedCluster): string {
  const file = deployment.kubeconfig(cluster);
  const named = existsSync(file) ? /^ *server: (\S+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return named ?? `https://${addressOf(deployment, cluster.nodes[0]!)}:${cluster.api.port}`;
}

/** Services on a port of every node, at the address of the first; `null` when the API does not answer. */
export async function readEndpoints(deployment: Deployment, cluster: ResolvedCluster): Promise<readonly Endpoint[] | null> {
  const services = await kubectlItems<Service>(deployment, cluster, ['services', '--all-namespaces']);
  if (services === null) return null;
  // Nodes of kind are containers, which a host with Docker Desktop does not reach: only published ports work everywhere.
  if (deployment.model.provider.brings === 'clusters')
    return publishedPorts(deployment, cluster).map(({ host, node }) => ({ service: serviceAt(node, services), url: loopbackUrl(host) }));
  const address = addressOf(deployment, cluster.nodes[0]!);
  return services.flatMap(({ metadata, spec }) =>
    (spec.ports ?? []).flatMap(({ nodePort }) =>
      nodePort === undefined ? [] : [{ service: `${metadata.namespace}/${metadata.name}`, url: `http://${address}:${nodePort}` }],
    ),
  );
}

type PublishedPort = { readonly host: number; readonly node: number };

/** Ports of the host that lead to the cluster, as it was made: the fleet file may have got more since, which Docker cannot add. */
function publishedPorts(deployment: Deployment, { nodes, hostPorts }: ResolvedCluster): readonly PublishedPort[] {
  const first = nodes.find(({ role }) => role === 'control-plane')!;
  return madeNode(deployment, first.name)?.hostPorts ?? hostPorts.map((port) => ({ host: hostPortOf(port), node: nodePortOf(port) }));
}

/** Ports of the host that the fleet file names and that do not lead to the cluster. */
export function unpublishedPorts(deployment: Deployment, cluster: ResolvedCluster): readonly number[] {
  if (deployment.model.provider.brings !== 'clusters') return [];
  const published = publishedPorts(deployment, cluster).map(({ host }) => host);
  return cluster.hostPorts.map(hostPortOf).filter((port) => !published.includes(port));
}

function serviceAt(port: number, services: readonly Service[]): string {
  const behind = services.find(({ spec }) => spec.ports?.some(({ nodePort }) => nodePort === port));
  return behind === undefined ? 'host port' : `${behind.metadata.namespace}/${behind.metadata.name}`;
}

const loopbackUrl = (port: number): string => (port === 443 ? 'https://127.0.0.1' : `http://127.0.0.1${port === 80 ? '' : `:${port}`}`);
