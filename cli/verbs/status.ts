import { readStatus } from '../../runner/cluster/status';
import { readStandIns, sayStandIns } from '../../runner/cluster/stubs';
import { observeMachines } from '../../runner/machines/machines';
import { table } from '../../runner/progress/table';
import { lookAt } from '../../runner/session';
import { orphanStacks } from '../../runner/terraform/destroy';
import { defineVerb } from '../verb';

export const status = defineVerb<{ json?: boolean }>({
  name: 'status',
  summary: 'Tell which machines run and which nodes are Ready; exit code 1 when one is not',
  example: "npx flotilla status --json | jq '.clusters[] | select(.ready | not) | .name'",
  options: [
    [
      '--json',
      '{fleet, clusters: [{name, ready, nodes: [{name, role, address, ready}]}], orphans, standIns: [{cluster, releases}]}; orphans are stacks that left the fleet file',
    ],
  ],
  run: async ({ selection, options }) => {
    const deployment = lookAt(selection);
    const found = await readStatus(deployment);
    const exit = found.clusters.every(({ ready }) => ready) ? 0 : 1;
    const orphans = orphanStacks(deployment);
    const standIns = await readStandIns(deployment);
    if (options.json) {
      console.log(JSON.stringify({ ...found, orphans, standIns }, null, 2));
      return exit;
    }
    const machines = new Map((await observeMachines(deployment)).map(({ node, state }) => [node, state]));
    const rows = found.clusters.flatMap(({ name, nodes }) =>
      nodes.map((node) => [
        name,
        node.name,
        node.role,
        node.address,
        machines.get(node.name) ?? 'absent',
        node.ready ? 'Ready' : 'not ready',
      ]),
    );
    console.log(table([['cluster', 'node', 'role', 'address', 'machine', 'node is'], ...rows]));
    for (const sentence of sayStandIns(standIns)) console.log(sentence);
    if (orphans.length > 0)
      console.log(
        `no longer in the fleet file: ${orphans.join(', ')}; "npx flotilla up" takes them down, and asks first where machines are deleted`,
      );
    return exit;
  },
});
