import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { catalog } from '../../components';
import { machineProviders } from '../../machines';
import { load, resolveFresh, root } from '../support/fleet-fixture';

export type Tree = Record<string | number, unknown>;
type Path = readonly (string | number)[];

/** One edit of a fleet as a person may make it, by hand or by mistake; the numbers choose where. */
export type Edit =
  | { readonly kind: 'set' | 'rename'; readonly at: number; readonly value: unknown }
  | { readonly kind: 'delete' | 'repeat'; readonly at: number }
  | { readonly kind: 'swap'; readonly at: number; readonly with: number }
  | { readonly kind: 'choose'; readonly cluster: number; readonly list: 'add' | 'remove'; readonly component: number }
  | { readonly kind: 'tune'; readonly cluster: number; readonly component: number; readonly value: unknown; readonly at: number }
  | { readonly kind: 'role'; readonly cluster: number; readonly role: string }
  | { readonly kind: 'provider'; readonly provider: string };

/** What a field may hold by mistake. */
const odd: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 1.5, 4, 50, 51, 255, 256, 4096, 1e9, 9007199254740991],
  ...['', ' ', 'x', 'a b', 'constructor', 'toString', 'hasOwnProperty', 'hub', 'agent', '${x}', '{{ .x }}', '%{if}', 'ünï', '../..'],
  ...['10.0.0.0/8', '10.101.0.0/16', '10.77.0.0/24', '10.77.0.11', '1.35', '1.31', 'y'.repeat(300)],
  ...[[], {}, [null], [[]], [{}], ['x'], { a: null }, { name: 'x' }, { constructor: 1 }, { enabled: true }],
];

const where = fc.nat(10_000);
const value = fc.constantFrom(...odd);
const cluster = fc.nat(5);
const component = fc.nat(catalog.length - 1);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constantFrom('set', 'rename'), at: where, value }),
  fc.record({ kind: fc.constantFrom('delete', 'repeat'), at: where }),
  fc.record({ kind: fc.constant('swap'), at: where, with: where }),
  fc.record({ kind: fc.constant('choose'), cluster, list: fc.constantFrom('add', 'remove'), component }),
  fc.record({ kind: fc.constant('tune'), cluster, component, value, at: where }),
  fc.record({ kind: fc.constant('role'), cluster, role: fc.constantFrom('hub', 'agent', 'standalone') }),
  fc.record({ kind: fc.constant('provider'), provider: fc.constantFrom('auto', ...machineProviders.map(({ id }) => id)) }),
) as fc.Arbitrary<Edit>;

/** A shipped fleet with a few edits. */
export const anyFleet = (names: readonly string[]): fc.Arbitrary<{ readonly name: string; readonly edits: readonly Edit[] }> =>
  fc.record({ name: fc.constantFrom(...names), edits: fc.array(edit, { minLength: 1, maxLength: 3 }) });

const texts = new Map<string, string>();
export function edited({ name, edits }: { readonly name: string; readonly edits: readonly Edit[] }): Tree {
  const text = texts.get(name) ?? readFileSync(join(root, `fleets/${name}.yaml`), 'utf8');
  texts.set(name, text);
  const tree = parse(text) as Tree;
  for (const one of edits) apply(tree, one, name);
  return tree;
}

function apply(tree: Tree, one: Edit, name: string): void {
  const at = (number: number): { holder: Tree; last: string | number } => {
    const paths = pathsOf(tree);
    const path = paths[number % paths.length]!;
    return { holder: path.slice(0, -1).reduce<Tree>((inner, part) => inner[part] as Tree, tree), last: path.at(-1)! };
  };
  switch (one.kind) {
    case 'set': {
      const { holder, last } = at(one.at);
      holder[last] = one.value;
      return;
    }
    case 'rename': {
      const { holder, last } = at(one.at);
      if (!Array.isArray(holder)) holder[String(one.value)] = holder[last];
      return;
    }
    case 'delete': {
      const { holder, last } = at(one.at);
      if (Array.isArray(holder)) holder.splice(Number(last), 1);
      else delete holder[last];
      return;
    }
    case 'repeat': {
      const { holder, last } = at(one.at);
      if (Array.isArray(holder)) holder.push(structuredClone(holder[last as number]));
      return;
    }
    case 'swap': {
      const [left, right] = [at(one.at), at(one.with)];
      const kept = structuredClone(left.holder[left.last]);
      left.holder[left.last] = structuredClone(right.holder[right.last]);
      right.holder[right.last] = kept;
      return;
    }
    case 'choose':
    case 'tune':
    case 'role': {
      const clusters = Array.isArray(tree.clusters) ? tree.clusters : [];
      const chosen = clusters[one.cluster % Math.max(clusters.length, 1)];
      if (isTree(chosen)) inCluster(chosen, one, name);
      return;
    }
    case 'provider':
      tree.provider = one.provider;
  }
}

function inCluster(cluster: Tree, one: Extract<Edit, { cluster: number }>, name: string): void {
  if (one.kind === 'role') {
    cluster.role = one.role;
    return;
  }
  const components = isTree(cluster.components) ? cluster.components : {};
  cluster.components = components;
  if (one.kind === 'choose') {
    const list = Array.isArray(components[one.list]) ? (components[one.list] as unknown[]) : [];
    components[one.list] = [...list, catalog[one.component]!.id];
    return;
  }
  // Values are tuned where the component has some, deeper down as often as at the top.
  const installed = shipped(name).find((shippedCluster) => shippedCluster.name === cluster.name)?.components ?? [];
  const tuned = installed[one.component % Math.max(installed.length, 1)];
  if (tuned === undefined) return;
  const paths = pathsOf(tuned.values);
  const path = paths[one.at % Math.max(paths.length, 1)] ?? ['x'];
  const values = path.reduceRight<unknown>((inner, part) => (typeof part === 'number' ? [inner] : { [part]: inner }), one.value);
  components.values = { ...(isTree(components.values) ? components.values : {}), [tuned.id]: values };
}

const resolved = new Map<string, ReturnType<typeof resolveFresh>>();
function shipped(name: string): ReturnType<typeof resolveFresh>['clusters'] {
  const known = resolved.get(name) ?? resolveFresh(load(name));
  resolved.set(name, known);
  return known.clusters;
}

export function pathsOf(tree: unknown, path: Path = []): readonly Path[] {
  const own = path.length === 0 ? [] : [path];
  if (tree === null || typeof tree !== 'object') return own;
  const keys = Array.isArray(tree) ? tree.map((_, index) => index) : Object.keys(tree);
  return [...own, ...keys.flatMap((key) => pathsOf((tree as Tree)[key], [...path, key]))];
}

const isTree = (value_: unknown): value_ is Tree => value_ !== null && typeof value_ === 'object' && !Array.isArray(value_);
