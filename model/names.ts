import type { ResolvedCluster, ResolvedFleet, ResolvedNode } from './resolved-fleet';

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

/** The nodes of a cluster under their names, and its API under all control planes. */
export const hostEntries = (
  nodes: readonly Pick<ResolvedNode, 'name' | 'role' | 'address'>[],
  apiName: string,
  domain: string,
): readonly HostEntry[] =>
  nodes.map(({ name, address, role }) => ({
    address,
    names: [name, `${name}.${domain}`, ...(role === 'control-plane' ? [apiName] : [])],
  }));

/**
 * The entries of a machine's /etc/hosts: each node, and each cluster's API name on all of its control planes.
 * @param cluster whose machines are meant. With leased addresses they get entries of their own cluster only, because the other machines may have no address yet;
 * the stack `links` adds them. @default - all nodes of the fleet
 */
export function hostNames(fleet: ResolvedFleet, cluster?: ResolvedCluster): readonly HostEntry[] {
  return listed(fleet, cluster).flatMap(({ nodes, api }) => hostEntries(nodes, api.name, fleet.domain));
}

/**
 * The CoreDNS configuration of one cluster of a fleet.
 * @param cluster as for `hostNames`
 */
export const corefile = (fleet: ResolvedFleet, cluster?: ResolvedCluster): string =>
  renderCorefile({ domain: fleet.domain, hosts: hostNames(fleet, cluster), forwards: reachesInternet(fleet) });

export interface CorefilePlan {
  readonly domain: string;
  readonly hosts: readonly HostEntry[];
  /** Whether other names are forwarded to the machine's resolver; otherwise they do not exist. */
  readonly forwards: boolean;
}

/**
 * CoreDNS for one cluster: services from the API and the names of the hosts files.
 * Zones instead of `fallthrough`, because the hosts plugin answers SERVFAIL, not NXDOMAIN, for a name that it does not have.
 */
export function renderCorefile({ domain, hosts, forwards }: CorefilePlan): string {
  const shortNames = hosts.flatMap(({ names }) => names.slice(0, 1));
  const lines = hosts.map(({ address, names }) => `${address} ${names.join(' ')}`);
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
    server([domain, ...shortNames].join(' '), [
      'errors',
      `hosts {\n${[...lines, 'ttl 30'].map((line) => `        ${line}`).join('\n')}\n    }`,
      'loadbalance',
    ]),
    server('.', forwards ? ['errors', 'forward . /etc/resolv.conf', 'cache 30', 'loop'] : nothingElse),
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
