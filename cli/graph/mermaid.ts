import type { StackVertex, Vertex } from './graph';

/** A flowchart that GitHub and most editors draw: stacks as boxes around what they hold, arrows in the order of the work. */
export function mermaid(stacks: readonly StackVertex[]): string {
  const lines = stacks.flatMap((stack) =>
    stack.steps.length === 0
      ? [`  ${vertex(stack)}`]
      : [`  subgraph ${idOf(stack.id)}["${escaped(stack.label)}"]`, ...stack.steps.map((step) => `    ${vertex(step)}`), '  end'],
  );
  const arrows = stacks.flatMap((stack) => [stack, ...stack.steps]).flatMap(({ id, needs }) => needs.map((needed) => arrow(needed, id)));
  return ['flowchart LR', ...lines, ...arrows.map((line) => `  ${line}`), ''].join('\n');
}

const vertex = ({ id, label }: Vertex): string => `${idOf(id)}["${escaped(label)}"]`;
const arrow = (from: string, to: string): string => `${idOf(from)} --> ${idOf(to)}`;

// With a letter in front: `end` and the like are words of the language. A name holds no underscore, so two of them never fall together.
const idOf = (id: string): string => `s_${id.replaceAll('/', '__').replaceAll(/[^A-Za-z0-9_]/g, '_')}`;
const escaped = (label: string): string => label.replaceAll('"', '#quot;');
