/** A stack as Terraform reads it, as far as order goes. */
export interface Json {
  readonly resource: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly depends_on?: readonly string[] }>>>
  >;
}

type Edges = ReadonlyMap<string, readonly string[]>;

/** Address → the addresses that its explicit `depends_on` names. */
export function resourceEdges({ resource }: Json): Edges {
  const all = Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, { depends_on: needs = [] }]) => [`${type}.${name}`, needs] as const),
  );
  return new Map(all);
}

/** Everything that comes before, in whatever way. */
export function before(edges: Edges, from: string, seen = new Set<string>()): ReadonlySet<string> {
  for (const needed of edges.get(from) ?? []) if (!seen.has(needed)) before(edges, needed, seen.add(needed));
  return seen;
}

/** `a <- b` where `b` comes before `a` by another way too. */
export function redundant(json: Json): readonly string[] {
  const edges = resourceEdges(json);
  return [...edges].flatMap(([address, needs]) =>
    needs
      .filter((needed) => needs.some((other) => other !== needed && before(edges, other).has(needed)))
      .map((needed) => `${address} <- ${needed}`),
  );
}

/** The component that a resource is of, `null` for a namespace, and whether it is the last thing that is made of it. */
function componentOf(json: Json, address: string): string | null {
  const [type, name] = address.split('.') as [string, string];
  if (type === 'helm_release') return name.replace(/-resources$/, '');
  if (type !== 'null_resource') return null;
  return JSON.parse((json.resource[type]![name]!.triggers as { input: string }).input).component;
}

/**
 * `a <- b` for each component `a` that waits, by an explicit `depends_on` of anything of it, for component `b`. An edge that does not lead from the first
 * thing of `a`, its release, to the last of `b` says where it leads instead: it would let something start too early.
 */
export function componentEdges(json: Json): readonly string[] {
  const edges = resourceEdges(json);
  const addresses = [...edges.keys()];
  const last = (component: string): string | undefined =>
    addresses.find(
      (address) =>
        componentOf(json, address) === component &&
        !addresses.some((other) => componentOf(json, other) === component && edges.get(other)!.includes(address)),
    );
  return addresses
    .flatMap((address) =>
      edges.get(address)!.flatMap((needed) => {
        const [from, to] = [componentOf(json, address), componentOf(json, needed)];
        if (from === null || to === null || from === to) return [];
        const isRight = address === `helm_release.${from}` && needed === last(to);
        return [isRight ? `${from} <- ${to}` : `${from} <- ${to} (${address} <- ${needed})`];
      }),
    )
    .sort();
}
