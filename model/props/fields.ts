import { z } from 'zod';
import { parseAddress } from '../../config/cidr';
import { clusterSchema, fleetSchema, nodeSchema } from '../../config/schema';
import { orReference } from './problem';

// The rules of a fleet file, for the fields that are there too; here only what constructs have beside them.
const cluster = clusterSchema.shape;
const node = nodeSchema.shape;

export const uid = z
  .string()
  .regex(/^[0-9a-f]{6}$/, 'is not six hex digits')
  .describe('six hex digits, such as abc123: the mark of the machines and namespaces of one deployment');
export const name = z.string().describe('a DNS label');
export const clusterId = cluster.id;
export const clusterRole = cluster.role;
export const nodeRole = node.role;
export const podCidr = required(cluster.podCidr);
export const serviceCidr = required(cluster.serviceCidr);
export const hostPorts = cluster.hostPorts;
export const registryPort = fleetSchema.shape.registry.unwrap().shape.port.unwrap();
export const unsealCommand = fleetSchema.shape.secrets.unwrap().shape.unsealCommand;
export const componentValues = cluster.components.unwrap().shape.values;
export const userSecrets = cluster.components.unwrap().shape.secrets;

/** Without their defaults: a construct has none for the size of a machine. */
export const sizes = {
  cpus: node.cpus.unwrap().describe(node.cpus.description!),
  memoryMiB: node.memoryMiB,
  diskGiB: node.diskGiB.unwrap().describe(node.diskGiB.description!),
};

export const address = z
  .string()
  .refine((text) => parseAddress(text) !== null || /^leased\([a-z0-9-]+\)$/.test(text), 'is no IPv4 address')
  .describe('an IPv4 address, or leased(<node>) where DHCP gives it');
export const addressRange = z
  .string()
  .refine((text) => {
    const [first, last, ...more] = text.split('-').map(parseAddress);
    return more.length === 0 && first != null && last != null && first <= last;
  }, 'is no range of IPv4 addresses')
  .describe('<first>-<last>, such as 192.168.64.231-192.168.64.240');

/** It stands in expressions and on command lines, so nothing in it may need quotes. */
export const kubeconfig = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/, 'is no path below the folder of the deployment')
  .describe("letters, digits, '.', '_' and '-' between slashes, such as kubeconfig/hub; no '..', no leading slash");
export const api = z.object({
  name: orReference(z.string().min(1)).describe('name of the API server, such as api.hub.example.internal'),
  port: orReference(z.int().min(1).max(65535)).describe('1 to 65535'),
});
export const prefix = z
  .string()
  .regex(/^([a-z_][a-z0-9_-]*)?$/i, 'does not start a name in Terraform')
  .describe('letters, digits, _ and -, a letter or _ first');
export const nodePort = z.int().min(30000).max(32767).describe('a NodePort: 30000 to 32767');
export const count = (what: string): z.ZodType => z.int().min(1).describe(`whole ${what}, 1 or more`);

function required(field: typeof cluster.podCidr): z.ZodType {
  return field.unwrap().describe(field.description!.replace(/; default.*$/, ''));
}
