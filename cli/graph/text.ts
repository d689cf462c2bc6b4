import type { StackVertex, Vertex } from './graph';

/** The same as a tree: each one below the last of those that it needs; what else it needs is said behind it. */
export const textGraph = (stacks: readonly StackVertex[]): string => `${branches(stacks).join('\n')}\n`;

function branches(vertices: readonly (Vertex & { readonly steps?: readonly Vertex[] })[]): readonly string[] {
  const place = new Map(vertices.map(({ id }, index) => [id, index]));
  const parentOf = ({ needs }: Vertex): string | undefined =>
    [...needs].sort((a, b) => (place.get(a) ?? -1) - (place.get(b) ?? -1)).findLast((needed) => place.has(needed));
  const below = (parent: string | undefined): readonly string[] =>
    vertices
      .filter((vertex) => parentOf(vertex) === parent)
      .flatMap((vertex, index, siblings) => {
        const isLast = index === siblings.length - 1;
        const [bend, rail] = parent === undefined ? ['', ''] : isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
        const others = vertex.needs.filter((needed) => needed !== parent).map((needed) => needed.replace(/^.*\//, ''));
        const after = below(vertex.id);
        const inner = branches(vertex.steps ?? []).map((line) => `${after.length > 0 ? '│' : ' '}    ${line}`);
        return [
          `${bend}${vertex.label}${others.length > 0 ? `  <- also ${others.join(', ')}` : ''}`,
          ...[...inner, ...after].map((line) => `${rail}${line}`.trimEnd()),
        ];
      });
  return below(undefined);
}
