import { z } from 'zod';
import { kind } from '../../machines/kind';
import { cidrOverlap } from '../rules/cidr-overlap';
import { cidrSize } from '../rules/cidr-size';
import { controlPlanes } from '../rules/control-planes';
import { dnsLabels } from '../rules/dns-labels';
import { duplicates } from '../rules/duplicates';
import { broughtNames } from '../rules/generated-node-names';
import { reservedNames } from '../rules/reserved-names';
import { address, api, hostPorts, kubeconfig, name, nodeRole, podCidr, registryPort, serviceCidr, uid } from './fields';
import { placed, ruleFaults } from './placed';
import { optional, orReference, schemaFaults } from './problem';

type Loose = Readonly<Record<string, unknown>>;

const version = z
  .string()
  .regex(/^1\.\d+\.\d+$/, 'is no version of Kubernetes')
  .describe('a version with its patch, such as 1.35.4');
const kubeadm = z.object({
  name,
  // Feature gates and images depend on it.
  kubernetesVersion: version,
  podCidr: orReference(podCidr),
  serviceCidr: orReference(serviceCidr),
  api: optional(api),
  nodes: z.array(z.object({ name, role: nodeRole, address: orReference(address) })).min(1),
  kubeconfig: optional(kubeconfig),
});

/** What the props of a cluster that kubeadm makes break. */
export function kubeadmFaults(props: object): readonly string[] {
  const rules = [dnsLabels, reservedNames, duplicates, controlPlanes];
  return [...schemaFaults(kubeadm, props), ...ruleFaults(rules, placed(props), (path) => path)];
}

const kindCluster = z.object({
  uid,
  cluster: name,
  nodes: z.array(z.object({ name, role: nodeRole })).min(1),
  podCidr: orReference(podCidr),
  serviceCidr: orReference(serviceCidr),
  hostPorts,
  registryPort: optional(orReference(registryPort)),
  image: optional(orReference(z.string().min(1).describe('a name that the provider knows'))),
  kubeconfig,
});

/** What the props of a cluster that kind makes break. @param isOwn whether the scripts are those of the provider, which gives nodes their names */
export function kindFaults(props: object, isOwn: boolean): readonly string[] {
  const one = placed({ ...props, name: (props as Loose).cluster });
  const rules = [dnsLabels, cidrSize, cidrOverlap, controlPlanes, duplicates, ...(isOwn ? [broughtNames] : [])];
  const faults = ruleFaults(rules, one, (path) => (path[0] === 'name' ? ['cluster'] : path), { provider: kind });
  return [...schemaFaults(kindCluster, props), ...faults];
}

/** What is wrong with the path of a kubeconfig. */
export const accessFaults = (props: object): readonly string[] => schemaFaults(z.object({ kubeconfig }), props);
