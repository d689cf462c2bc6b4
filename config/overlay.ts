import type { Droppable } from './overlay-schema';

type Tree = Record<string, unknown>;

/** What an overlay changed on purpose in one cluster, with its reason. */
export interface OverlayDecision {
  readonly what: 'leaveOut' | 'bringIn' | 'drop';
  /** Component id, or name of the field that was dropped. */
  readonly subject: string;
  /** `null`: the whole fleet. */
  readonly cluster: string | null;
  /** Only with components. */
  readonly why: string | null;
  /** The fleet names the component itself. */
  readonly asked: boolean;
}

export interface Laid {
  readonly tree: unknown;
  readonly decisions: readonly OverlayDecision[];
}

/**
 * Lays an overlay over a fleet, both as read from YAML. First what the overlay drops goes, then its sizes by role are set on every node and
 * its components put in and out of every cluster, then the rest is laid over by name, so that what is said of one node goes before what is said of all.
 */
export function layOverlay(fleet: unknown, overlay: unknown): Laid {
  if (!isTree(fleet) || !isTree(overlay)) return { tree: layOver(fleet, overlay ?? {}), decisions: [] };
  const { drop, nodes, leaveOut, bringIn, ...rest } = overlay;
  const decisions: OverlayDecision[] = [];
  const dropped = new Set(Array.isArray(drop) ? (drop as Droppable[]) : []);
  const without = (holder: Tree, cluster: string | null): Tree => {
    for (const subject of Object.keys(holder).filter((field) => dropped.has(field as Droppable)))
      decisions.push({ what: 'drop', subject, cluster, why: null, asked: true });
    return Object.fromEntries(Object.entries(holder).filter(([field]) => !dropped.has(field as Droppable)));
  };
  const sized = (node: unknown, cluster: string): unknown => {
    if (!isTree(node)) return node;
    const sizes = isTree(nodes) && typeof node.role === 'string' && Object.hasOwn(nodes, node.role) ? nodes[node.role] : undefined;
    return { ...without(node, cluster), ...(isTree(sizes) ? sizes : {}) };
  };
  const clusters = listOf(fleet.clusters)?.map((cluster) => {
    if (!isTree(cluster)) return cluster;
    const name = String(cluster.name);
    const { components, nodes: clusterNodes, ...fields } = cluster;
    const { tree, decisions: made } = recomposed(components, name, { leaveOut, bringIn });
    decisions.push(...made);
    const nodesOf = listOf(clusterNodes)?.map((node) => sized(node, name)) ?? clusterNodes;
    return {
      ...without(fields, name),
      ...(tree === undefined ? {} : { components: tree }),
      ...(nodesOf === undefined ? {} : { nodes: nodesOf }),
    };
  });
  const base = { ...without(fleet, null), ...(clusters === undefined ? {} : { clusters }) };
  return { tree: layOver(base, rest), decisions };
}

/** A cluster's components with what the overlay takes out and puts in. */
function recomposed(components: unknown, cluster: string, { leaveOut, bringIn }: Tree): { tree: unknown; decisions: OverlayDecision[] } {
  const [out, into] = [leaveOut, bringIn].map((reasons) => (isTree(reasons) ? Object.entries(reasons) : []));
  if (out!.length + into!.length === 0 || !(components === undefined || isTree(components))) return { tree: components, decisions: [] };
  const { add, remove, values, secrets } = components ?? {};
  const [added, removed] = [listOf(add) ?? [], listOf(remove) ?? []];
  const gone = new Set(out!.map(([id]) => id));
  const decide = (what: 'leaveOut' | 'bringIn') => (entry: [string, unknown]) => {
    const [subject, why] = entry;
    return { what, subject, cluster, why: String(why), asked: added.includes(subject) };
  };
  const stays = (tuned: Tree): Tree => Object.fromEntries(Object.entries(tuned).filter(([id]) => !gone.has(id)));
  const newly = into!.filter(([id]) => !added.includes(id));
  const tree = {
    ...components,
    add: [...added.filter((id) => !gone.has(id as string)), ...newly.map(([id]) => id)],
    remove: [...new Set([...removed, ...gone])],
    ...(isTree(values) ? { values: stays(values) } : {}),
    ...(isTree(secrets) ? { secrets: stays(secrets) } : {}),
  };
  return { tree, decisions: [...out!.map(decide('leaveOut')), ...newly.map(decide('bringIn'))] };
}

/** Objects merge by key, lists of named things by `name`, all else replaces. A name that only the overlay has is added at the end. */
export function layOver(base: unknown, overlay: unknown): unknown {
  if (isTree(base) && isTree(overlay)) {
    const keys = [...new Set([...Object.keys(base), ...Object.keys(overlay)])];
    const below = (key: string): unknown => (Object.hasOwn(base, key) ? base[key] : undefined);
    return Object.fromEntries(keys.map((key) => [key, Object.hasOwn(overlay, key) ? layOver(below(key), overlay[key]) : below(key)]));
  }
  if (isNamedList(base) && isNamedList(overlay)) {
    const names = new Set(base.map((item) => item.name));
    return [
      ...base.map((item) => {
        const over = overlay.find((candidate) => candidate.name === item.name);
        return over === undefined ? item : layOver(item, over);
      }),
      ...overlay.filter((item) => !names.has(item.name)),
    ];
  }
  return overlay;
}

export function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const listOf = (value: unknown): unknown[] | undefined => (Array.isArray(value) ? value : undefined);

function isNamedList(value: unknown): value is (Tree & { name: unknown })[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isTree(item) && 'name' in item);
}
