import { type TerraformProvider, TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { ContextCluster } from '../components/define';
import { ComponentSet } from './component-set';

/**
 * What a cluster waits for that another one has, a sentence each: by `depends_on`, by a value that is read, in however many steps, or by the order of the stacks.
 * What belongs to a cluster is what is in its set, what uses its set's providers, and a script whose INPUT names it.
 */
export function foreignWaits(set: ComponentSet, others: readonly ContextCluster[]): readonly string[] {
  const stack = TerraformStack.of(set);
  const sets = set.node.root.node.findAll().filter((one) => one instanceof ComponentSet);
  for (const one of sets) one.make();
  const owners = new Owners(sets, others);
  const isForeign = (resource: TerraformResource): boolean => ![null, set.props.cluster].includes(owners.of(resource));
  const edges = edgesOf(stack);
  const ways = resourcesOf(set)
    .map((resource) => wayTo(edges, resource, isForeign))
    .filter((way) => way !== null);
  ways.sort((left, right) => right.length - left.length);
  // One sentence per thing that is waited for, about the shortest way: a whole set waits for what is in `after`.
  const shortest = new Map(ways.map((way) => [way.at(-1)!, way]));
  const once = [...shortest].map(([target, way]) => {
    const by = way.slice(1, -1).map(addressOf);
    return `${addressOf(way[0]!)} waits for ${addressOf(target)} of cluster "${owners.of(target)}"${by.length > 0 ? `, by way of ${by.join(', ')}` : ''}`;
  });
  const stacks = stacksBefore(stack).flatMap((before) => {
    const owned = resourcesOf(before).map((resource) => owners.of(resource));
    const foreign = owned.find((owner) => owner !== null && owner !== set.props.cluster);
    return foreign === undefined || owned.includes(set.props.cluster)
      ? []
      : [`stack ${stack.node.id} waits for stack ${before.node.id} of cluster "${foreign}"`];
  });
  const remedy = `"${set.props.cluster}" has to come up without: take it out of \`after\`, and put what needs both into a stack that comes after both`;
  return [...once, ...stacks].map((rule) => `${rule}; ${remedy}`);
}

/** Which cluster something belongs to, as far as it can be told. */
class Owners {
  private readonly byProvider = new Map<TerraformProvider, string>();

  constructor(
    sets: readonly ComponentSet[],
    private readonly others: readonly ContextCluster[],
  ) {
    for (const { props } of sets) for (const provider of Object.values(props.providers ?? {})) this.byProvider.set(provider, props.cluster);
  }

  public of(resource: TerraformResource): string | null {
    const set = resource.node.scopes.find((scope) => scope instanceof ComponentSet);
    if (set !== undefined) return set.props.cluster;
    const { provider } = resource;
    return (provider && this.byProvider.get(provider)) ?? this.namedIn(resource);
  }

  private namedIn(resource: TerraformResource): string | null {
    const { input } = ((resource as { triggersInput?: unknown }).triggersInput ?? {}) as { input?: unknown };
    const named = this.others.find(({ name }) => typeof input === 'string' && input.includes(`"cluster":${JSON.stringify(name)}`));
    return named?.name ?? null;
  }
}

type Edges = ReadonlyMap<TerraformResource, readonly TerraformResource[]>;

/** Of all resources of a stack: which others each names, explicitly or in a value. */
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

/** The shortest way to something wanted, both ends included; `null` when there is none. */
function wayTo(
  edges: Edges,
  from: TerraformResource,
  wanted: (resource: TerraformResource) => boolean,
): readonly TerraformResource[] | null {
  const seen = new Set([from]);
  let ways: TerraformResource[][] = [[from]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) => (edges.get(way.at(-1)!) ?? []).filter((one) => !seen.has(one)).map((one) => [...way, one]));
    const found = longer.find((way) => wanted(way.at(-1)!));
    if (found !== undefined) return found;
    for (const way of longer) seen.add(way.at(-1)!);
    ways = longer;
  }
  return null;
}

function stacksBefore(stack: TerraformStack, seen = new Set<TerraformStack>()): readonly TerraformStack[] {
  for (const before of stack.dependencies) if (!seen.has(before)) stacksBefore(before, seen.add(before));
  return [...seen];
}

const resourcesOf = (scope: Construct): readonly TerraformResource[] =>
  scope.node.findAll().filter((one) => TerraformResource.isTerraformResource(one)) as TerraformResource[];

const addressOf = ({ terraformResourceType, friendlyUniqueId }: TerraformResource): string =>
  `${terraformResourceType}.${friendlyUniqueId}`;
