import { UserError } from '../config/problem';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { typedName } from './confirm';
import { keptClusters, removedClusters } from './deployment/removals';

/**
 * Asks before `up` deletes clusters that left the fleet file.
 * @param agreed nothing is asked
 * @throws UserError where nobody can answer, and where the answer is no
 */
export async function requireConsent(
  opened: { readonly model: Pick<ResolvedFleet, 'clusters' | 'deployment'>; readonly folder: string },
  agreed: boolean,
  isTerminal = process.stdin.isTTY === true,
): Promise<void> {
  const removed = removedClusters(opened);
  if (removed.length === 0 || agreed) return;
  const { deployment } = opened.model;
  const all = keptClusters(opened).length === 0 ? ', which is all that the deployment has' : '';
  const found = `${deployment}: no longer in the fleet file, so "up" deletes with all their data: ${removed.join(', ')}${all}`;
  const remedy = 'nothing was changed; to keep the clusters, put them back into the fleet file; to delete them, add --yes';
  if (!isTerminal) throw new UserError(`${found}\n  ${remedy}`);
  console.log(found);
  if (!(await typedName('up', deployment, `Type ${deployment} to go on: `))) throw new UserError(remedy);
}
