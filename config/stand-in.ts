/** What takes the place of a faulty value that a fleet cannot be without, so that rules can judge the rest. */
export interface StandIn {
  readonly value: unknown;
  /** Fields beside it that mean nothing without the real value. */
  readonly without?: readonly string[];
}

/**
 * The stand-in for a fleet's field, `null` where the faulty part is better left out. The budget allows everything and a node asks for next to nothing,
 * so that no rule finds fault with them.
 */
export function standIn(path: readonly (string | number)[]): StandIn | null {
  const [top, index = 0, field, at = 0, nodeField] = path;
  if (top === 'budget') return budget(path);
  if (top !== 'clusters') return null;
  const cluster = Number(index);
  if (path.length === 3) return ofCluster(String(field), cluster);
  return path.length === 5 && field === 'nodes' ? ofNode(String(nodeField), cluster, Number(at)) : null;
}

function budget(path: readonly (string | number)[]): StandIn | null {
  if (path.length === 1) return { value: { memoryMiB: Number.MAX_SAFE_INTEGER } };
  return path[1] === 'memoryMiB' ? { value: Number.MAX_SAFE_INTEGER } : null;
}

function ofCluster(field: string, cluster: number): StandIn | null {
  switch (field) {
    case 'name':
      return { value: `(cluster ${cluster + 1})` };
    case 'id':
      return { value: 255 - (cluster % 200) };
    case 'role':
      return { value: 'standalone', without: ['components'] };
    case 'nodes':
      return { value: [{ name: `(node of cluster ${cluster + 1})`, role: 'control-plane', memoryMiB: 512 }] };
    default:
      return null;
  }
}

function ofNode(field: string, cluster: number, node: number): StandIn | null {
  switch (field) {
    case 'name':
      return { value: `(node ${node + 1} of cluster ${cluster + 1})` };
    case 'role':
      return { value: 'worker' };
    case 'memoryMiB':
      return { value: 512 };
    default:
      return null;
  }
}
