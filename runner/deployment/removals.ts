import { basename, join } from 'node:path';
import { UserError } from '../../config/problem';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { mendedAddresses } from '../terraform/state-file';
import { namesIn } from './folder';
import { readDeployment } from './record';

interface Opened {
  readonly model: Pick<ResolvedFleet, 'clusters'>;
  readonly folder: string;
}

/** Clusters that have machines and are not in the fleet file any more: `up` deletes them with all their data. */
export const removedClusters = ({ model, folder }: Opened): readonly string[] =>
  clustersWithMachines(folder).filter((cluster) => !model.clusters.some(({ name }) => name === cluster));

/** Clusters of the fleet file that have machines. */
export const keptClusters = ({ model, folder }: Opened): readonly string[] =>
  clustersWithMachines(folder).filter((cluster) => model.clusters.some(({ name }) => name === cluster));

/** A machine is in the state by the resource that deletes it. The stack `foundation` has that resource for what the fleet has of the host. */
const clustersWithMachines = (folder: string): readonly string[] =>
  namesIn(join(folder, 'state'))
    .filter((file) => file.endsWith('.tfstate') && file !== 'foundation.tfstate')
    .filter((file) => mendedAddresses(join(folder, 'state', file)).some((address) => address.startsWith('null_resource.lease')))
    .map((file) => file.replace(/\.tfstate$/, ''));

/**
 * Refuses a fleet file that has none of the clusters of a deployment whose record names no file: it is the file of a different fleet that has the
 * same name. Records of older Flotilla versions name none. @throws UserError
 */
export function refuseForeignClusters(opened: Opened): void {
  const { folder } = opened;
  const removed = removedClusters(opened);
  if (removed.length === 0 || keptClusters(opened).length > 0 || readDeployment(folder)?.file !== undefined) return;
  const deployment = basename(folder);
  throw new UserError(
    `the deployment ${deployment} has the clusters ${removed.join(', ')}, and the fleet file has none of them: the deployment was made from a different file\n` +
      '  for a fleet of its own, give it a different `name:`; to work on the deployment, name the file that it was made from\n' +
      `  to take the deployment down: npx flotilla destroy --deployment ${deployment}`,
  );
}
