import { z } from 'zod';
import { parseAddress, parseCidr } from './cidr';
import { defaultKubernetesMinor } from './kubernetes-versions';
import { type SourceKind, sourceKinds, sources } from './sources';

const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== null, 'is not an IPv4 CIDR without leading zeros whose host bits are zero, such as 10.101.0.0/16');
const address = z
  .string()
  .refine((text) => parseAddress(text) !== null, 'is not an IPv4 address without leading zeros, such as 10.77.0.21');
const componentId = z.string().min(1);
/** Of a file, a key of a Secret and a variable of an environment. */
const broughtName = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const poolPosition = z.int().min(2).max(254);
const port = z.int().min(1).max(65535);

const sourceHints: Readonly<Record<SourceKind, string>> = {
  packages: 'programs on the nodes: official or offline',
  images: 'pod images: official or offline',
  charts: 'Helm charts: official or offline',
  providers: 'Terraform providers: official or offline',
};

export const nodeSchema = z.strictObject({
  name: z.string().describe('host name of the machine, a DNS label, unique in the fleet'),
  role: z.enum(['control-plane', 'worker']).describe('control-plane (API server, etcd) or worker'),
  cpus: z.int().min(1).max(256).default(2).describe('virtual CPUs; a control plane needs 2; default 2'),
  memoryMiB: z.int().min(512).describe('memory in MiB; a control plane needs 1700'),
  diskGiB: z.int().min(5).default(20).describe('disk in GiB; default 20'),
  address: address.optional().describe('fixed IPv4 address in the network; default: the lowest free one from .11 on'),
});

export const clusterComponentsSchema = z.strictObject({
  add: z.array(componentId).default([]).describe("components on top of the role's set, by id; default none"),
  remove: z.array(componentId).default([]).describe("components of the role's set to leave out, by id; default none"),
  values: z
    .record(componentId, z.record(z.string(), z.unknown()))
    .default({})
    .describe('Helm values per component id, laid over ours; default none'),
  secrets: z
    .record(componentId, z.array(z.string().regex(broughtName, 'is no name of letters, digits, - and _')).min(1))
    .default({})
    .describe(
      "names of secret values that you bring, per component id: each lies in secrets/brought/<name> of the deployment's folder, and the Secret <component>-brought of its namespace holds them under these names; default none",
    ),
});

export const clusterSchema = z.strictObject({
  name: z.string().describe('name of the cluster, a DNS label, unique in the fleet'),
  id: z.int().min(1).max(255).describe('1 to 255, unique in the fleet: the identity in a cluster mesh'),
  role: z
    .enum(['hub', 'agent', 'standalone'])
    .describe('hub (shared platform), agent (workloads of a hub) or standalone; decides the default components'),
  podCidr: cidr.optional().describe('addresses of pods, an IPv4 CIDR; default 10.(100 + id).0.0/16 for ids up to 50'),
  serviceCidr: cidr.optional().describe('addresses of services, an IPv4 CIDR; default 10.(200 + id).0.0/16 for ids up to 50'),
  loadBalancerPool: z
    .strictObject({
      first: poolPosition.describe('position of the first address in the network of the machines, such as 200'),
      last: poolPosition.describe('position of the last one'),
    })
    .optional()
    .describe(
      'addresses of services of type LoadBalancer, as positions in the network of the machines; default: ten from 190 + 10 * id for ids up to 5',
    ),
  components: clusterComponentsSchema.prefault({}).describe("what the cluster installs beside its role's set"),
  hostPorts: z
    .array(
      z.union([
        port,
        z.strictObject({
          host: port.describe('port of the host'),
          node: port.describe('port of the first node that it leads to, such as the NodePort of a gateway'),
        }),
      ]),
    )
    .default([])
    .describe(
      'ports of 127.0.0.1 on the host that lead to the first node: 80 to its port 80, { host: 80, node: 31080 } to its port 31080; only where the provider brings clusters (kind); default none',
    ),
  nodes: z.array(nodeSchema).min(1).describe('the machines of the cluster, at least one control plane'),
});

export const fleetSchema = z.strictObject({
  name: z.string().optional().describe('name of the fleet, a DNS label; default: the name of the file'),
  provider: z.string().default('auto').describe('what carries the machines; default auto: what fits this host'),
  machineNetwork: z
    .string()
    .optional()
    .describe("how machines are connected, a network of the provider such as tart's softnet, nat or bridged; default: its first"),
  image: z.string().min(1).optional().describe("what machines are born from, in the provider's own words; default: the provider's"),
  registry: z
    .strictObject({ port: port.min(1024).default(5000).describe("port of the fleet's registry on the host, 1024 or higher; default 5000") })
    .prefault({})
    .describe('the registry on the host that machines ask first'),
  kubernetes: z
    .string()
    .regex(/^\d+\.\d+$/, 'is no minor version')
    .default(defaultKubernetesMinor)
    .describe(`Kubernetes minor version in quotes, the patch is pinned; default "${defaultKubernetesMinor}"`),
  featureGates: z
    .enum(['minimal', 'full'])
    .default('full')
    .describe(
      'feature gates of new clusters: full turns on InPlacePodVerticalScaling and HPAConfigurableTolerance, minimal turns off what the Kubernetes version allows to turn off; default full',
    ),
  domain: z.string().default('flotilla.internal').describe('DNS domain of the machines, never .local; default flotilla.internal'),
  budget: z
    .strictObject({
      memoryMiB: z.int().min(1024).describe('memory in MiB that all machines together may take from the host'),
      overcommit: z
        .boolean()
        .default(false)
        .describe('whether components may ask for more than the machines have, as where stand-ins take their place; default false'),
    })
    .describe('what the fleet may take from the host'),
  network: cidr
    .refine((text) => parseCidr(text)?.prefixLength === 24, 'is no /24')
    .optional()
    .describe('network of the machines, an IPv4 /24; default: the first free one in 10.77.0.0/16'),
  sources: z
    .strictObject(
      Object.fromEntries(sourceKinds.map((kind) => [kind, z.enum(sources).optional().describe(sourceHints[kind])])) as Record<
        SourceKind,
        z.ZodOptional<z.ZodEnum<{ official: 'official'; offline: 'offline' }>>
      >,
    )
    .prefault({})
    .describe(
      'where the fleet gets its software; FLOTILLA_SOURCES overrides it; default: as the deployment was made, official for a new one if `up` can reach it',
    ),
  charts: z
    .strictObject({
      mirror: z
        .string()
        .min(1)
        .optional()
        .describe(
          'folder of Helm charts, as <name>-<version>.tgz or unpacked, that are used in place of their repositories; from the project root when relative',
        ),
    })
    .prefault({})
    .describe('where Helm charts are taken from'),
  secrets: z
    .strictObject({
      unsealCommand: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          'words of a program that keeps the unseal keys of Vault, called with "save" or "load" and "<deployment>/<cluster>"; default: a file of the deployment',
        ),
    })
    .prefault({})
    .describe('where what must stay secret is kept'),
  clusters: z.array(clusterSchema).min(1).describe('the clusters of the fleet'),
});

/** What a person writes. */
export type FleetInput = z.input<typeof fleetSchema>;
/** The same with every default filled in. */
export type FleetSpec = z.output<typeof fleetSchema>;
export type FeatureGateProfile = FleetSpec['featureGates'];
export type ClusterSpec = FleetSpec['clusters'][number];
export type NodeSpec = ClusterSpec['nodes'][number];

/** JSON schema of a fleet file (or of what is laid over one), for editors; the ids that are known complete. */
export function fleetJsonSchema(
  known: { readonly providers: readonly string[]; readonly machineNetworks: readonly string[]; readonly components: readonly string[] },
  schema: z.ZodObject = fleetSchema,
): unknown {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema, path }) => {
      // Keys for the author's own use (tidy.ts).
      if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { '^x-': {} };
      const examples = zodSchema === (componentId as unknown) ? known.components : atTop(path, known);
      if (examples !== undefined) jsonSchema.examples = [...examples];
    },
  });
}

function atTop(path: readonly (string | number)[], known: Parameters<typeof fleetJsonSchema>[0]): readonly string[] | undefined {
  if (path.length !== 2 || path[0] !== 'properties') return undefined;
  return { provider: ['auto', ...known.providers], machineNetwork: known.machineNetworks }[String(path[1])];
}
