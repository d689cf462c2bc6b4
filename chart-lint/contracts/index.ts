import type { Inventory } from './inventory';
import { brokenNames, missingDefinitions } from './names';
import { missingSecrets } from './needed-secrets';
import { closedPorts, idleOpenings } from './ports';
import { brokenServices } from './provided';
import { brokenSecrets } from './secrets';
import type { Broken } from './violations';

export { type Inventory, inventoryOf, type Loose, type Release } from './inventory';
export { type Broken, say } from './violations';

const looks = [brokenNames, missingDefinitions, brokenServices, brokenSecrets, missingSecrets, closedPorts] as const;

/** What a component of a cluster says of its charts and is not so. The cluster is the key of its inventory; what is said for all is told of the first. */
export function brokenPromises(clusters: ReadonlyMap<string, Inventory>): readonly (Broken & { readonly cluster: string })[] {
  const [first = ''] = clusters.keys();
  const found = [...clusters].flatMap(([cluster, inventory]) =>
    looks.flatMap((look) => look(inventory)).map((one) => ({ ...one, cluster })),
  );
  const everywhere = idleOpenings([...clusters.values()]).map((one) => ({ ...one, cluster: first }));
  return [...new Map([...found, ...everywhere].map((one) => [`${one.cluster} ${one.release} ${one.value} ${one.rule}`, one])).values()];
}
