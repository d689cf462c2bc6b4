import { existsSync, readFileSync } from 'node:fs';
import { hostPortOf } from '../../model/host-ports';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from './deployment';
import { addressOf } from './inventory';
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
  // Nodes of a provider that brings whole clusters are behind the host, which passes on some ports.
  if (deployment.model.provider.brings === 'clusters')
    return cluster.hostPorts
      .map(hostPortOf)
      .map((port) => ({ service: 'host port', url: port === 443 ? 'https://127.0.0.1' : `http://127.0.0.1:${port}` }));
  const address = addressOf(deployment, cluster.nodes[0]!);
  return services.flatMap(({ metadata, spec }) =>
    (spec.ports ?? []).flatMap(({ nodePort }) =>
      nodePort === undefined ? [] : [{ service: `${metadata.namespace}/${metadata.name}`, url: `http://${address}:${nodePort}` }],
    ),
  );
}
