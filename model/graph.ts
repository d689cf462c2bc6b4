/** Of each node, the nodes that it leads to. A node without an entry leads nowhere. */
export type Graph<Node> = ReadonlyMap<Node, readonly Node[]>;

/** All nodes that can be reached from a node, without itself unless it is on a cycle. */
export function reachable<Node>(graph: Graph<Node>, from: Node): ReadonlySet<Node> {
  const found = new Set<Node>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const next of graph.get(node) ?? [])
      if (!found.has(next)) {
        found.add(next);
        open.push(next);
      }
  return found;
}

/** The nodes without those that another node of the list leads to already, in the same order. */
export function withoutIndirect<Node>(graph: Graph<Node>, nodes: readonly Node[]): Node[] {
  const indirect = new Set(nodes.flatMap((node) => [...reachable(graph, node)]));
  return nodes.filter((node) => !indirect.has(node));
}

/** A cycle, with its first node again at the end; `null` when there is none. */
export function findCycle<Node>(graph: Graph<Node>): readonly Node[] | null {
  const done = new Set<Node>();
  const visit = (node: Node, path: readonly Node[]): readonly Node[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle !== null) return cycle;
    }
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** The shortest path from a node to one that is wanted, both included; `null` when there is none. */
export function shortestPath<Node>(graph: Graph<Node>, from: Node, isWanted: (node: Node) => boolean): readonly Node[] | null {
  const seen = new Set([from]);
  let paths: readonly (readonly Node[])[] = [[from]];
  while (paths.length > 0) {
    const longer = paths.flatMap((path) =>
      (graph.get(path.at(-1)!) ?? []).filter((node) => !seen.has(node)).map((node) => [...path, node]),
    );
    const found = longer.find((path) => isWanted(path.at(-1)!));
    if (found !== undefined) return found;
    for (const path of longer) seen.add(path.at(-1)!);
    paths = longer;
  }
  return null;
}
