import { writeFileSync } from 'node:fs';
import { packageRoot } from '../../config/package-root';
import { openDeployedFleet } from '../../model/deployed-fleet';
import type { ResolvedFleet } from '../../model/resolved-fleet';

// The lab's first cluster as many times over as asked for.
const [count, file] = process.argv.slice(2) as [string, string];
const { model } = openDeployedFleet({ root: packageRoot(), fleet: 'lab', overlay: null, busyCidrs: [], create: false });
const [first] = model.clusters;
const clusters = Array.from({ length: Number(count) }, (_, index) => {
  const name = `c${index}`;
  const nodes = first!.nodes.map((node) => ({
    ...node,
    name: node.name.replace(first!.name, name),
    machine: node.machine.replace(first!.name, name),
  }));
  return { ...first!, name, nodes, kubeconfig: `kubeconfig/${name}` };
});
const stacks: ResolvedFleet['stacks'] = [
  { name: 'foundation', kind: 'foundation', cluster: null, needs: [] },
  ...clusters.map(({ name }) => ({ name, kind: 'cluster' as const, cluster: name, needs: ['foundation'] })),
  ...clusters.map(({ name }) => ({ name: `${name}-platform`, kind: 'platform' as const, cluster: name, needs: [name] })),
];
writeFileSync(file, JSON.stringify({ ...model, clusters, stacks }));
