import { z } from 'zod';
import { meshFaults } from '../mesh-members';
import { cidrOverlap } from '../rules/cidr-overlap';
import { cidrSize } from '../rules/cidr-size';
import { dnsLabels } from '../rules/dns-labels';
import { domain } from '../rules/domain';
import { duplicates } from '../rules/duplicates';
import {
  address,
  addressRange,
  api,
  clusterId,
  clusterRole,
  componentValues,
  count,
  kubeconfig,
  name,
  nodePort,
  nodeRole,
  podCidr,
  prefix,
  serviceCidr,
  sizes,
  uid,
  unsealCommand,
  userSecrets,
} from './fields';
import { placed, ruleFaults } from './placed';
import { optional, orReference, schemaFaults } from './problem';

type Loose = Readonly<Record<string, unknown>>;

// A cluster that the app did not make may name its nodes as it likes.
const node = z.object({ name: z.string().min(1), role: nodeRole, address: orReference(address), ...sizes });
const cluster = z.object({
  name,
  id: clusterId,
  role: clusterRole,
  podCidr,
  serviceCidr,
  api,
  loadBalancerPool: optional(orReference(addressRange)),
  nodes: z.array(node).min(1),
});
const installation = z.object({
  uid,
  cluster,
  others: z.array(cluster).optional(),
  kubeconfig,
  domain: z.string().describe('a DNS domain of two or more labels'),
  kubernetesVersion: z
    .string()
    .regex(/^1\.\d+\.\d+/, 'is no version of Kubernetes')
    .describe('a version with its patch, such as 1.35.4'),
  prefix: optional(prefix),
  values: componentValues,
  userSecrets,
});

/** What the props of a part of a platform break. Whether a mesh can be made of the clusters is for `meshMemberFaults`. */
export function installationFaults(props: object): readonly string[] {
  const { cluster: own, others, domain: zone } = props as Loose;
  const members = [{ at: ['cluster'], one: own }, ...membersOf(others).map((one, index) => ({ at: ['others', index], one }))];
  const ofClusters = members.flatMap(({ at, one }) => {
    const { nodes } = placed(one) as { readonly nodes: readonly Loose[] };
    // Two clusters may have nodes of one name; the names of one cluster are as its machines have them.
    const named = placed(
      one,
      nodes.map((node, index) => ({ ...node, name: `node-${index}` })),
    );
    return ruleFaults([dnsLabels, cidrSize, cidrOverlap, duplicates], named, (path) => [...at, ...path]);
  });
  return [...schemaFaults(installation, props), ...ofClusters, ...ruleFaults([domain], placed({}), () => null, { domain: zone })];
}

/** What is wrong with a cluster that is given access. */
export const clientFaults = (props: object): readonly string[] => schemaFaults(z.object({ client: cluster, kubeconfig }), props);

const membersOf = (others: unknown): readonly unknown[] => (Array.isArray(others) ? others : []);

/** What keeps the clusters from being one mesh, as far as they are known; and the port at which Hubble answers. */
export function meshProps(props: object): readonly string[] {
  const { cluster: own, others } = props as Loose;
  const known = [own, ...membersOf(others)].filter(isMember);
  return [
    ...schemaFaults(
      z.object({ hubblePort: optional(orReference(nodePort.nullable().describe(`${nodePort.description}, or null for none`))) }),
      props,
    ),
    ...meshFaults(known),
  ];
}

const isMember = (one: unknown): one is Parameters<typeof meshFaults>[0][number] => {
  const { name: text, id, podCidr: block } = (one ?? {}) as Loose;
  return typeof text === 'string' && typeof id === 'number' && typeof block === 'string';
};

const days = optional(count('days'));
const isSecretName = (value: unknown): boolean =>
  value === null || typeof value !== 'object' || !('brought' in value) || userSecrets.safeParse({ webhook: [value.brought] }).success;
const webhook = z
  .unknown()
  .refine((value) => typeof value !== 'string' || /^https?:\/\/[^\s/]/.test(value), 'is no URL')
  .refine(isSecretName, 'names no secret: use letters, digits, - and _')
  .describe('a URL that begins with http:// or https://, or { brought: <name> }');
const hub = z.object({
  keepDays: z.object({ metrics: days, logs: days, traces: days }).optional(),
  grafanaPort: optional(orReference(nodePort)),
  alertWebhook: optional(webhook),
});

export const observabilityFaults = (props: object): readonly string[] => schemaFaults(hub, props);

const authority = z.object({
  authority: optional(orReference(z.string().min(1))).describe('the name of the authority in its certificates'),
  allowedDomains: orReference(z.array(orReference(z.string().min(1))).min(1))
    .optional()
    .describe('at least one DNS domain'),
  maxHours: optional(orReference(count('hours'))),
  unseal: z
    .object({ shares: z.int().min(1).max(255), threshold: z.int().min(1).max(255) })
    .optional()
    .describe('whole numbers, 1 to 255'),
  unsealCommand,
});

/** What the props of Vault break; Vault itself refuses one key of several as too few. */
export function vaultFaults(props: object): readonly string[] {
  const { shares, threshold } = ((props as Loose).unseal ?? {}) as { readonly shares?: unknown; readonly threshold?: unknown };
  const faults = schemaFaults(authority, props);
  if (!Number.isInteger(shares) || !Number.isInteger(threshold)) return faults;
  const [all, needed] = [shares as number, threshold as number];
  if (needed > all)
    return [...faults, `unseal: ${needed} of ${all} unseal keys can never open Vault; lower the threshold, or raise the shares`];
  if (all > 1 && needed === 1)
    return [...faults, `unseal: Vault refuses a threshold of 1 for ${all} shares; raise the threshold to 2, or make one share`];
  return faults;
}
