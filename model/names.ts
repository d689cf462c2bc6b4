import type { ResolvedCluster, ResolvedFleet } from './resolved-fleet';

/** The kernel's limit for a host name, less `f<uid>-`. */
export const longestNodeName = 63 - 'f000000-'.length;

export const machineName = (uid: string, node: string) => `f${uid}-${node}`;
export const bridgeName = (uid: string) => `fl${uid}`;
export const apiName = (cluster: string, domain: string) => `api.${cluster}.${domain}`;

export interface HostEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/** What every machine's /etc/hosts says: each node, and each cluster's API name on all of its control planes. */
export function hostNames(fleet: ResolvedFleet): readonly HostEntry[] {
  return fleet.clusters.flatMap((cluster) =>
    cluster.nodes.map(({ name, address, role }) => ({
      address,
      names: [name, `${name}.${fleet.domain}`, ...(role === 'control-plane' ? [cluster.api.name] : [])],
    })),
  );
}

/**
 * CoreDNS for one cluster: services from the API, the fleet's names from its inventory, everything else does not exist.
 * Zones instead of `fallthrough`, because the hosts plugin answers SERVFAIL, not NXDOMAIN, for what it does not know.
 */
export function corefile(fleet: ResolvedFleet, _cluster: ResolvedCluster): string {
  const entries = hostNames(fleet);
  const shortNames = fleet.clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name));
  const hosts = entries.map(({ address, names }) => `${address} ${names.join(' ')}`);
  return [
    server('cluster.local in-addr.arpa ip6.arpa', [
      'errors',
      'health {\n        lameduck 5s\n    }',
      'ready',
      'kubernetes cluster.local in-addr.arpa ip6.arpa {\n        pods insecure\n        ttl 30\n    }',
      'prometheus :9153',
      'cache 30',
      'reload',
      'loadbalance',
    ]),
    server([fleet.domain, ...shortNames].join(' '), [
      'errors',
      `hosts {\n${[...hosts, 'ttl 30'].map((line) => `        ${line}`).join('\n')}\n    }`,
      'loadbalance',
    ]),
    server('.', ['errors', 'template ANY ANY {\n        rcode NXDOMAIN\n    }']),
  ].join('\n');
}

function server(zones: string, plugins: readonly string[]): string {
  const keys = zones.split(' ').map((zone) => `${zone}:53`);
  return `${keys.join(' ')} {\n${plugins.map((plugin) => `    ${plugin}`).join('\n')}\n}\n`;
}
