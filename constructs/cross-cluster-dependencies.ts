import { type TerraformProvider, TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { ContextCluster } from '../components/define';
import { shortestPath } from '../model/graph';
import type { ComponentSet } from './component-set';

/** The platforms of an app. A construct below one belongs to the platform's cluster. */
const platforms = new WeakMap<Construct, ComponentSet>();

/** Makes a platform known to the check. */
export const registerPlatform = (platform: Construct, components: ComponentSet): void => void platforms.set(platform, components);

/**
 * What the platform of an agent depends on in another cluster (contract C1), a sentence each: by `depends_on`, by a value that is read, in any number of steps, or
 * by the order of the stacks. A resource belongs to a cluster if it is in that cluster's platform, uses its providers, or is a script whose input names it.
 */
export function crossClusterDependencies(
  platform: Construct,
  { name, role }: ContextCluster,
  clusters: readonly ContextCluster[],
): readonly string[] {
  if (role !== 'agent') return [];
  const stack = TerraformStack.of(platform);
  const sets = platform.node.root.node.findAll().flatMap((one) => platforms.get(one as Construct) ?? []);
  for (const set of sets) set.make();
  const ownerOf = owners(sets, clusters);
  const isForeign = (resource: TerraformResource): boolean => ![null, name].includes(ownerOf(resource));
  const edges = edgesOf(stack);
  const paths = resourcesOf(stack)
    .filter((resource) => ownerOf(resource) === name)
    .flatMap((resource) => {
      const path = shortestPath(edges, resource, isForeign);
      return path === null ? [] : [path];
    })
    .sort((left, right) => right.length - left.length);
  // One sentence per dependency, about the shortest path: everything in the platform depends on what is in its `dependsOn`.
  const shortest = new Map(paths.map((path) => [path.at(-1)!, path]));
  const resources = [...shortest].map(([target, path]) => {
    const between = path.slice(1, -1).map(addressOf);
    return `${addressOf(path[0]!)} depends on ${addressOf(target)} of cluster "${ownerOf(target)}"${between.length > 0 ? `, through ${between.join(', ')}` : ''}`;
  });
  const stacks = stacksBefore(stack).flatMap((before) => {
    const owned = resourcesOf(before).map(ownerOf);
    const foreign = owned.find((owner) => owner !== null && owner !== name);
    return foreign === undefined || owned.includes(name)
      ? []
      : [`stack ${stack.node.id} depends on stack ${before.node.id} of cluster "${foreign}"`];
  });
  const remedy = `agent "${name}" must start without other clusters: remove it from \`dependsOn\`, and put what needs both clusters into a stack that depends on both`;
  return [...resources, ...stacks].map((rule) => `${rule}; ${remedy}`);
}

type OwnerOf = (resource: TerraformResource) => string | null;

/** The name of the cluster that a resource belongs to, `null` when that cannot be determined. */
function owners(sets: readonly ComponentSet[], clusters: readonly ContextCluster[]): OwnerOf {
  const byProvider = new Map<TerraformProvider, string>();
  for (const { props } of sets) for (const provider of Object.values(props.providers ?? {})) byProvider.set(provider, props.cluster);
  return (resource) => {
    const scope = resource.node.scopes.find((one) => platforms.has(one as Construct));
    if (scope !== undefined) return platforms.get(scope as Construct)!.props.cluster;
    const { provider } = resource;
    return (provider && byProvider.get(provider)) ?? namedIn(resource, clusters);
  };
}

function namedIn(resource: TerraformResource, clusters: readonly ContextCluster[]): string | null {
  const triggers = 'triggersInput' in resource ? resource.triggersInput : undefined;
  const input = triggers !== null && typeof triggers === 'object' && 'input' in triggers ? triggers.input : undefined;
  const named = clusters.find(({ name }) => typeof input === 'string' && input.includes(`"cluster":${JSON.stringify(name)}`));
  return named?.name ?? null;
}

type Edges = ReadonlyMap<TerraformResource, readonly TerraformResource[]>;

/** Of each resource of a stack, the resources that it names, in `depends_on` or in a value. */
function edgesOf(stack: TerraformStack): Edges {
  const resources = resourcesOf(stack);
  const blocks = (stack.toTerraform().resource ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const byAddress = new Map(resources.map((resource) => [addressOf(resource), resource]));
  return new Map(
    resources.map((resource) => {
      const text = JSON.stringify(blocks[resource.terraformResourceType]?.[resource.friendlyUniqueId] ?? null);
      const named = [...text.matchAll(/[a-z0-9_]+\.[A-Za-z0-9_-]+/g)].flatMap(([address]) => byAddress.get(address) ?? []);
      return [resource, [...new Set(named)].filter((one) => one !== resource)];
    }),
  );
}

function stacksBefore(stack: TerraformStack, seen = new Set<TerraformStack>()): readonly TerraformStack[] {
  for (const before of stack.dependencies) if (!seen.has(before)) stacksBefore(before, seen.add(before));
  return [...seen];
}

const resourcesOf = (scope: Construct): readonly TerraformResource[] =>
  scope.node.findAll().filter((one) => TerraformResource.isTerraformResource(one)) as TerraformResource[];

const addressOf = ({ terraformResourceType, friendlyUniqueId }: TerraformResource): string =>
  `${terraformResourceType}.${friendlyUniqueId}`;
