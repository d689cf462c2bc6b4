import { contains, formatAddress, overlap, parseCidr } from '../../config/cidr';
import { type Finding, fault, ok, warning } from './finding';
import type { HostNetwork } from './networks';

export interface ClusterRanges {
  readonly name: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The cluster was raised already: its ranges cannot change any more. */
  readonly exists: boolean;
}

const check = 'cluster networks';
const fields = ['podCidr', 'serviceCidr'] as const;

/**
 * Ranges of the fleet's clusters that this host uses too: pods would take the addresses of that network for pods or services, and never reach it. A route that is
 * wider than the range, as of a VPN to 10.0.0.0/8, is a warning: what lies behind it is usually elsewhere. So is everything about a cluster that exists.
 * @param own the deployment's bridge, whose addresses and routes are not conflicts
 * @param machines the network of the machines, which a proposal must not meet
 */
export function clusterNetworks(
  clusters: readonly ClusterRanges[],
  host: readonly HostNetwork[],
  own: string,
  machines: string | null,
): readonly Finding[] {
  const foreign = host.filter(({ name, cidr }) => name !== own && !isDefault(cidr));
  const taken = [...foreign.map(({ cidr }) => cidr), ...clusters.flatMap(({ podCidr, serviceCidr }) => [podCidr, serviceCidr]), reserved];
  if (machines !== null) taken.push(machines);
  const found = clusters.flatMap((cluster) =>
    fields.flatMap((field) => {
      const range = cluster[field];
      const clashes = foreign.filter(({ cidr }) => overlap(cidr, range));
      // A route to an interface's own network repeats what the interface says.
      const clash = clashes.find(({ kind }) => kind === 'interface') ?? clashes.find(({ cidr }) => !isWider(cidr, range)) ?? clashes[0];
      if (clash === undefined) return [];
      const free = firstFree(range, taken);
      if (free !== null) taken.push(free);
      const { kind, name, cidr } = clash;
      const where = kind === 'interface' ? `interface ${name} has ${cidr}` : `the route to ${cidr} leads through ${name}`;
      const said = `${field} ${range} of cluster "${cluster.name}" is in use on this host: ${where}`;
      const takeOff = kind === 'interface' ? `take the address off ${name}` : `remove the route to ${cidr}`;
      const proposal = free === null ? `another ${field}` : `another ${field}, for example ${free}`;
      if (cluster.exists) return [warning(check, said, `${takeOff}, or destroy the cluster and give it ${proposal}`)];
      const remedy = `give the cluster ${proposal}, or ${takeOff}`;
      return [kind === 'route' && isWider(cidr, range) ? warning(check, said, remedy) : fault(check, said, remedy)];
    }),
  );
  return found.length > 0 ? found : [ok(check, `${2 * clusters.length} ranges, none is in use on this host`)];
}

/** Where new deployments find their machines' networks. */
const reserved = '10.77.0.0/16';

/** A default route; some VPNs write it as two halves. */
const isDefault = (cidr: string): boolean => (parseCidr(cidr)?.prefixLength ?? 0) <= 1;

const isWider = (cidr: string, range: string): boolean => {
  const [outer, inner] = [parseCidr(cidr), parseCidr(range)];
  return outer !== null && inner !== null && outer.prefixLength < inner.prefixLength && contains(cidr, formatAddress(inner.first));
};

const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** The first private block of the same size behind this one that meets nothing, then from the beginning; `null` when there is none. */
export function firstFree(range: string, taken: readonly string[]): string | null {
  const wanted = parseCidr(range);
  if (wanted === null) return null;
  const size = 2 ** (32 - wanted.prefixLength);
  const candidates = privateBlocks.flatMap((block) => {
    const { first, last } = parseCidr(block)!;
    const count = Math.floor((last - first + 1) / size);
    return Array.from({ length: Math.min(count, 4096) }, (_, index) => first + index * size);
  });
  const ordered = [...candidates.filter((first) => first > wanted.first), ...candidates.filter((first) => first < wanted.first)];
  const free = ordered.map((first) => `${formatAddress(first)}/${wanted.prefixLength}`);
  return free.find((cidr) => !taken.some((other) => overlap(cidr, other))) ?? null;
}
