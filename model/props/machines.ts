import { z } from 'zod';
import { networkOf, parseAddress } from '../../config/cidr';
import type { MachineProvider } from '../../machines/define';
import { controlPlaneSize } from '../rules/control-plane-size';
import { dnsLabels } from '../rules/dns-labels';
import { nodeAddress } from '../rules/node-address';
import { reservedNames } from '../rules/reserved-names';
import { address, kubeconfig, name, nodeRole, sizes, uid } from './fields';
import { placed, ruleFaults } from './placed';
import { optional, orReference, schemaFaults } from './problem';

type Loose = Readonly<Record<string, unknown>>;

const machine = z.object({
  uid,
  cluster: name.describe('name of the cluster, a DNS label'),
  node: name.describe('host name of the machine, a DNS label'),
  role: nodeRole,
  cpus: orReference(sizes.cpus),
  memoryMiB: orReference(sizes.memoryMiB),
  diskGiB: orReference(sizes.diskGiB),
  apiName: orReference(z.string().min(1)).describe("name of the cluster's API server"),
  kubeconfig,
});

const bridge = z
  .string()
  .regex(/^[\w.-]{1,15}$/, 'is no name of a network interface')
  .describe('1 to 15 letters, digits, ., _ and -');
const assigned = z.object({
  address: orReference(address),
  network: z.object({
    prefixLength: orReference(z.int().min(8).max(30)).describe('8 to 30'),
    gateway: orReference(address),
    bridge: orReference(bridge),
  }),
});

/** What the props of a machine break. */
export function machineFaults(props: object): readonly string[] {
  const { cluster, node, ...size } = props as Loose;
  const one = placed({ name: cluster }, [{ ...size, address: undefined, name: node }]);
  const rules = ruleFaults([dnsLabels, reservedNames, controlPlaneSize], one, ([list, , field]) => {
    if (list === 'nodes') return [field === 'name' ? 'node' : field!];
    return ['cluster'];
  });
  return [...schemaFaults(machine, props), ...rules];
}

/** The same for one whose address the app decides on. */
export function assignedMachineFaults(props: object): readonly string[] {
  const { address: own, network } = props as { readonly address?: unknown; readonly network?: Loose };
  const { gateway, prefixLength } = network ?? {};
  const faults = [...machineFaults(props), ...schemaFaults(assigned, props)];
  if (typeof gateway !== 'string' || parseAddress(gateway) === null || !Number.isInteger(prefixLength)) return faults;
  const block = networkOf(gateway, prefixLength as number);
  const one = placed({}, [{ address: own }]);
  return [...faults, ...ruleFaults([nodeAddress], one, () => ['address'], { network: block })];
}

/** The same for one that a provider makes from an image and connects. @param isOwn whether its scripts are those of the provider */
export function leasedMachineFaults(props: object, { networks }: Pick<MachineProvider, 'networks'>, isOwn: boolean): readonly string[] {
  const known = Object.keys(networks);
  const machineNetwork = isOwn
    ? z.enum(known).describe(`one of ${known.join(', ')}`)
    : z.string().min(1).describe('a network of the provider');
  const born = z.object({
    image: optional(orReference(z.string().min(1).describe('a name that the provider knows'))),
    machineNetwork: optional(orReference(machineNetwork)),
  });
  return [...machineFaults(props), ...schemaFaults(born, props)];
}

const held = z.object({ uid, holds: z.array(name).min(1, 'is empty').describe('names of the machines, at least one') });

/** What the props of a lease break. */
export function leaseFaults(props: object): readonly string[] {
  const { holds } = props as Loose;
  const names = (Array.isArray(holds) ? holds : []).filter((one) => typeof one === 'string');
  const twice = names.filter((one, index) => names.indexOf(one) !== index);
  const one = placed(
    {},
    [...new Set(names)].map((node) => ({ name: node })),
  );
  return [
    ...schemaFaults(held, props),
    ...ruleFaults([dnsLabels], one, ([list]) => (list === 'nodes' ? ['holds'] : null)),
    ...twice.map((node) => `holds: "${node}" is there twice; leave one of the two out`),
  ];
}

/** What the props of a teardown marker break. */
export const markerFaults = (props: object): readonly string[] => schemaFaults(z.object({ uid }), props);
