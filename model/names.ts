import type { ResolvedCluster, ResolvedFleet } from './resolved-fleet';

/** The kernel's limit for a host name, less `f<uid>-`. */
export const longestNodeName = 63 - 'f000000-'.length;

/** Cilium's limit, in its chart; so the bucket `velero-<cluster>` stays below the 63 of a bucket. */
export const longestClusterName = 32;

/** Of the limits and of the quota in a namespace that has any. */
export const limitsName = 'flotilla';

export const machineName = (uid: string, node: string) => `f${uid}-${node}`;
export const bridgeName = (uid: string) => `fl${uid}`;
export const apiName = (cluster: string, domain: string) => `api.${cluster}.${domain}`;

export interface HostEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/**
 * What a machine's /etc/hosts says: each node, and each cluster's API name on all of its control planes.
 * @param cluster whose machines are meant; where addresses are leased they are given its own nodes only, because those of the others
 * may not be leased yet (the stack `links` gives them all). @default - all nodes of the fleet
 */
export function hostNames(fleet: ResolvedFleet, cluster?: ResolvedCluster): readonly HostEntry[] {
  return listed(fleet, cluster).flatMap(({ nodes, api }) =>
    nodes.map(({ name, address, role }) => ({
      address,
      names: [name, `${name}.${fleet.domain}`, ...(role === 'control-plane' ? [api.name] : [])],
    })),
  );
}

/**
 * CoreDNS for one cluster: services from the API, the same names as in the hosts files; everything else does not exist where
 * machines reach nothing else.
 * Zones instead of `fallthrough`, because the hosts plugin answers SERVFAIL, not NXDOMAIN, for what it does not know.
 * @param cluster as for `hostNames`
 */
export function corefile(fleet: ResolvedFleet, cluster?: ResolvedCluster): string {
  const entries = hostNames(fleet, cluster);
  const shortNames = listed(fleet, cluster).flatMap(({ nodes }) => nodes.map(({ name }) => name));
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
    server('.', reachesInternet(fleet) ? ['errors', 'forward . /etc/resolv.conf', 'cache 30', 'loop'] : nothingElse),
  ].join('\n');
}

const nothingElse = ['errors', 'template ANY ANY {\n        rcode NXDOMAIN\n    }'];

/** Machines that this host fences in never do; others do where they get their images from official registries. */
const reachesInternet = ({ provider, sources }: ResolvedFleet): boolean => provider.addresses === 'leased' && sources.images === 'official';

function listed({ clusters, provider }: ResolvedFleet, cluster?: ResolvedCluster): readonly ResolvedCluster[] {
  return cluster === undefined || provider.addresses === 'assigned' ? clusters : [cluster];
}

function server(zones: string, plugins: readonly string[]): string {
  const keys = zones.split(' ').map((zone) => `${zone}:53`);
  return `${keys.join(' ')} {\n${plugins.map((plugin) => `    ${plugin}`).join('\n')}\n}\n`;
}
