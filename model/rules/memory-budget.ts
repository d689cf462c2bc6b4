import { allNodes, type Rule } from './rule';

/** All machines together fit what the fleet may take from the host. */
export const memoryBudget: Rule = {
  id: 'memory-budget',
  check: ({ spec }) => {
    const needed = allNodes(spec).reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
    const { memoryMiB } = spec.budget;
    if (needed <= memoryMiB) return [];
    const remedy = `raise it to ${needed} if the host has that, or take ${needed - memoryMiB} MiB from the nodes' memoryMiB`;
    return [{ path: ['budget', 'memoryMiB'], value: memoryMiB, rule: `is less than the ${needed} MiB that the nodes need`, remedy }];
  },
};
