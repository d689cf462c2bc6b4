import type { FleetProblem } from '../../config/problem';
import type { ResolvedFleet } from '../resolved-fleet';
import { agentAutonomy } from './agent-autonomy';
import { certificatePhases } from './certificate-phases';
import { oneClaimant } from './one-claimant';
import { secretCache } from './secret-cache';

/** What a resolved fleet promises and does not keep. Those promises that can be judged by the fleet file alone are rules. */
export const brokenContracts = (fleet: Pick<ResolvedFleet, 'clusters' | 'stacks'>): readonly FleetProblem[] => [
  ...agentAutonomy(fleet),
  ...secretCache(fleet),
  ...certificatePhases(fleet),
  ...oneClaimant(fleet),
];
