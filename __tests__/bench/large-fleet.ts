import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFleet } from '../../config/load';
import { packageRoot } from '../../config/package-root';
import type { FleetInput } from '../../config/schema';
import { chooseProvider } from '../../machines';
import { resolve } from '../../model/resolve';

// What `lab` has in each cluster, or everything that a hub and its agents have by their roles, as many clusters as asked for.
const [kind, count, file] = process.argv.slice(2) as ['lab' | 'catalog', string, string];

const nodesOf = (name: string): FleetInput['clusters'][number]['nodes'] => [
  { name: `${name}-cp`, role: 'control-plane', cpus: 4, memoryMiB: 8192, diskGiB: 100 },
  { name: `${name}-worker`, role: 'worker', cpus: 8, memoryMiB: 32768, diskGiB: 200 },
];
const clusters = Array.from({ length: Number(count) }, (_, index): FleetInput['clusters'][number] => {
  const addresses = { podCidr: `10.${100 + index}.0.0/16`, serviceCidr: `10.${index}.0.0/16` };
  const shape = { name: `c${index}`, id: index + 1, ...addresses, nodes: nodesOf(`c${index}`) };
  if (kind === 'catalog') return { ...shape, role: index === 0 ? 'hub' : 'agent' };
  return { ...shape, role: 'standalone', components: { add: ['bridge-cni', 'demo'] } };
});
// That of `trio`, which can carry all of it.
const provider = chooseProvider(kind === 'catalog' ? 'multipass' : 'nspawn');
const fleet: FleetInput = { provider: provider.id, budget: { memoryMiB: 2 ** 23 }, clusters };
const nodes = clusters.flatMap((cluster) => cluster.nodes.map(({ name }) => name));
const model = resolve({
  fleet: parseFleet({ file: 'large.yaml', text: JSON.stringify(fleet) }),
  deployment: {
    uid: 'abc123',
    network: '192.168.77.0/24',
    addresses: Object.fromEntries(nodes.map((name, index) => [name, `192.168.77.${11 + index}`])),
  },
  provider,
  readFile: (path) => (existsSync(join(packageRoot(), path)) ? readFileSync(join(packageRoot(), path), 'utf8') : null),
});
writeFileSync(file, JSON.stringify(model));
