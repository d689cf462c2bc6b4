import fc from 'fast-check';
import { findCycle, reachable, shortestPath, withoutIndirect } from '../../model/graph';

const graph = new Map([
  ['a', ['b', 'c']],
  ['b', ['c']],
  ['c', ['d']],
]);

test('reachable nodes are all that follow, without the node itself', () => {
  expect([...reachable(graph, 'a')].sort()).toEqual(['b', 'c', 'd']);
  expect([...reachable(graph, 'd')]).toEqual([]);
});

test('indirect nodes are removed, and the order stays', () => {
  expect(withoutIndirect(graph, ['d', 'b', 'c'])).toEqual(['b']);
  expect(withoutIndirect(graph, ['d', 'x'])).toEqual(['d', 'x']);
});

test('the shortest path is found, and none where there is none', () => {
  expect(shortestPath(graph, 'a', (node) => node === 'd')).toEqual(['a', 'c', 'd']);
  expect(shortestPath(graph, 'd', (node) => node === 'a')).toBeNull();
});

test('a cycle is found exactly where a node reaches itself', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'];
  const edge = fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 8 }), (edges) => {
      const made = new Map(nodes.map((node) => [node, edges.filter(([from]) => from === node).map(([, to]) => to)]));
      const cycle = findCycle(made);
      expect(cycle !== null).toBe(nodes.some((node) => reachable(made, node).has(node)));
      if (cycle === null) return;
      expect(cycle.at(-1)).toBe(cycle[0]);
      for (const [index, to] of cycle.slice(1).entries()) expect(made.get(cycle[index]!)).toContain(to);
    }),
  );
});
