import { z } from 'zod';
import { contains, hostAddress, overlap } from '../config/cidr';
import { UserError } from '../config/problem';

/** Host numbers below this are for the gateway and what the host itself may need. */
const firstNode = 11;
const lastNode = 254;

/** Nodes that get an address in the network of a deployment. */
export const mostNodes = lastNode - firstNode + 1;

/** The form of `deployment.json`. */
export const recordSchema = z.strictObject({
  uid: z.string().regex(/^[0-9a-f]{6}$/),
  fleet: z.string(),
  overlay: z.string().nullable(),
  provider: z.string(),
  network: z.string(),
  addresses: z.record(z.string(), z.string()),
  /** The fleet file, as `fleetFilePath` gives it; absent in a record that an older Flotilla wrote. */
  file: z.string().optional(),
  /** What clusters that exist were made with and cannot change; absent in a record that an older Flotilla wrote. */
  made: z.record(z.string(), z.strictObject({ domain: z.string(), id: z.int(), podCidr: z.string(), serviceCidr: z.string() })).optional(),
});

/** Who this deployment is, made once and kept in `deployment.json`. */
export type DeploymentRecord = z.output<typeof recordSchema>;
export type MadeClusters = NonNullable<DeploymentRecord['made']>;

export interface WantedNode {
  readonly name: string;
  readonly address?: string | undefined;
}

/**
 * `lab@nspawn`, with an overlay `lab+small@nspawn`: also the name of the folder.
 * @throws UserError for an overlay that would make a path of it: a folder with secrets, where git does not ignore it
 */
export function deploymentName(of: { readonly fleet: string; readonly overlay: string | null; readonly provider: string }): string {
  if (of.overlay !== null && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(of.overlay))
    throw new UserError(
      `overlay "${of.overlay}": an overlay is a name of letters, digits, ".", "_" and "-", which a folder of the deployment is named by; ` +
        'put its file into fleets/overlays/ and give the name of the file without .yaml',
    );
  return `${of.fleet}${of.overlay === null ? '' : `+${of.overlay}`}@${of.provider}`;
}

/** All recorded addresses and one for each new node; pure. */
export function assignAddresses(
  record: Pick<DeploymentRecord, 'network' | 'addresses'>,
  nodes: readonly WantedNode[],
): Readonly<Record<string, string>> {
  // Without a prototype: a node may be called "constructor".
  const addresses: Record<string, string> = Object.assign(Object.create(null), record.addresses);
  const fixed = nodes.filter((node) => node.address !== undefined);
  for (const { name, address } of fixed) {
    const holder = Object.keys(addresses).find((other) => other !== name && addresses[other] === address);
    const problem =
      addresses[name] !== undefined && addresses[name] !== address
        ? `it has ${addresses[name]} and keeps it; leave the address out, or remove the node first`
        : holder !== undefined
          ? `"${holder}" has it; choose another one`
          : null;
    if (problem !== null) throw new UserError(`node "${name}", address ${address}: ${problem}`);
    addresses[name] = address!;
  }
  const taken = new Set(Object.values(addresses));
  for (const { name } of nodes) {
    if (addresses[name] !== undefined) continue;
    const address = lowestFree(record.network, taken);
    if (address === null)
      throw new UserError(`node "${name}": ${record.network} has no free address; remove nodes, or spread them over two fleets`);
    taken.add(address);
    addresses[name] = address;
  }
  return addresses;
}

export function firstFreeNetwork(busyCidrs: readonly string[]): string {
  for (let third = 0; third < 256; third++) {
    const network = `10.77.${third}.0/24`;
    if (!busyCidrs.some((busy) => busy !== '0.0.0.0/0' && overlap(network, busy))) return network;
  }
  throw new UserError('10.77.0.0/16: every /24 of it is in use on this host; give the fleet a `network` of its own, a free IPv4 /24');
}

function lowestFree(network: string, taken: ReadonlySet<string>): string | null {
  for (let index = firstNode; index <= lastNode; index++) {
    const address = hostAddress(network, index);
    if (contains(network, address) && !taken.has(address)) return address;
  }
  return null;
}
