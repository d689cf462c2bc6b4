import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/problem';
import type { MadeClusters } from '../../model/deployment-identity';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { mendedAddresses } from '../terraform/state-file';
import { readDeployment, recordMade } from './record';

/** What a cluster is made with and keeps for its life. */
const reasons = {
  domain: 'it is in its certificates and in the names of its nodes',
  id: 'it is part of the identities of its pods in a mesh',
  podCidr: 'its nodes and pods have their addresses from it',
  serviceCidr: 'its services and the certificate of its API server have their addresses from it',
} as const;
type Field = keyof typeof reasons;
const fields = Object.keys(reasons) as Field[];

/** The part of a resolved fleet that is looked at; a `model.json` of an older Flotilla has it too. */
interface Fleet {
  readonly domain: string;
  readonly clusters: readonly Pick<ResolvedFleet['clusters'][number], 'name' | Exclude<Field, 'domain'>>[];
}

interface Opened {
  readonly model: Fleet;
  readonly folder: string;
}

/**
 * Refuses a domain, ids and ranges other than those that the existing clusters were made with: kubeadm reads them once, so a change would reach some
 * parts of a cluster and not the others. To be called before anything is done. @throws UserError with every such change
 */
export function refuseChangesOfMade({ model, folder }: Opened): void {
  const [made, wanted] = [madeClusters(folder), clustersOf(model)];
  const wrong = Object.keys(wanted)
    .filter((cluster) => Object.hasOwn(made, cluster))
    .flatMap((cluster) =>
      fields
        .filter((field) => wanted[cluster]![field] !== made[cluster]![field])
        .map((field) => {
          const before = made[cluster]![field];
          return `${cluster}: ${field} ${wanted[cluster]![field]}: the cluster was made with ${before}, and ${reasons[field]}; write ${field}: ${before}`;
        }),
    );
  if (wrong.length === 0) return;
  throw new UserError(
    `nothing was changed, because clusters that exist cannot change this:\n${wrong.map((line) => `  ${line}`).join('\n')}\n` +
      '  for new values, run "npx flotilla destroy" first (all data is lost), or give the fleet a different `name:`',
  );
}

/** Records what each cluster is made with. A cluster that exists keeps its record, one that is gone loses it. */
export function recordMadeClusters({ model, folder }: Opened): void {
  recordMade(folder, { ...clustersOf(model), ...madeClusters(folder) });
}

/** What the clusters that have a state were made with. A record of an older Flotilla does not have it: the model of the last run takes its place. */
function madeClusters(folder: string): MadeClusters {
  const recorded = readDeployment(folder)?.made ?? lastModel(join(folder, 'model.json'));
  const isThere = (cluster: string): boolean => mendedAddresses(join(folder, 'state', `${cluster}.tfstate`)).length > 0;
  return Object.fromEntries(Object.entries(recorded).filter(([cluster]) => isThere(cluster)));
}

const lastModel = (file: string): MadeClusters => (existsSync(file) ? clustersOf(JSON.parse(readFileSync(file, 'utf8')) as Fleet) : {});

const clustersOf = ({ domain, clusters }: Fleet): MadeClusters =>
  Object.fromEntries(clusters.map(({ name, id, podCidr, serviceCidr }) => [name, { domain, id, podCidr, serviceCidr }]));
