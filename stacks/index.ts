import type { App, TerraformStack } from 'cdktf';
import type { ResolvedFleet, ResolvedStack } from '../model/resolved-fleet';
import { AccessStack } from './access';
import { ClusterStack } from './cluster';
import { FoundationStack } from './foundation';
import { LinksStack } from './links';
import { PlatformStack } from './platform';

/**
 * The stacks of a fleet, each with what it needs as an explicit dependency.
 * @param chartMirror folder of `<name>-<version>/` charts. @default - charts come from their repositories
 */
export function makeStacks(app: App, fleet: ResolvedFleet, chartMirror?: string): ReadonlyMap<string, TerraformStack> {
  const clusterOf = ({ name, cluster }: ResolvedStack) => {
    const found = fleet.clusters.find((candidate) => candidate.name === cluster);
    if (found === undefined) throw new Error(`stack "${name}" is of cluster "${cluster}", which the fleet does not have`);
    return found;
  };
  const makers: Readonly<Record<ResolvedStack['kind'], (stack: ResolvedStack) => TerraformStack>> = {
    foundation: ({ name }) => new FoundationStack(app, name, fleet),
    cluster: (stack) => new ClusterStack(app, stack.name, fleet, clusterOf(stack)),
    platform: (stack) => new PlatformStack(app, stack.name, fleet, clusterOf(stack), chartMirror),
    links: ({ name }) => new LinksStack(app, name, fleet),
    access: ({ name }) => new AccessStack(app, name, fleet),
  };
  const made = new Map<string, TerraformStack>();
  for (const planned of fleet.stacks) {
    const stack = makers[planned.kind](planned);
    for (const needed of planned.needs) stack.addDependency(made.get(needed)!);
    made.set(planned.name, stack);
  }
  return made;
}
