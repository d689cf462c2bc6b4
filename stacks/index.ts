import type { App, TerraformStack } from 'cdktf';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { ClusterStack } from './cluster';
import { FoundationStack } from './foundation';
import { PlatformStack } from './platform';

/**
 * The stacks of a fleet, each with what it needs as an explicit dependency.
 * @param chartMirror folder of `<name>-<version>/` charts. @default - charts come from their repositories
 */
export function makeStacks(app: App, fleet: ResolvedFleet, chartMirror?: string): ReadonlyMap<string, TerraformStack> {
  const made = new Map<string, TerraformStack>();
  for (const { name, kind, cluster: of, needs } of fleet.stacks) {
    const cluster = fleet.clusters.find((candidate) => candidate.name === of)!;
    const stack =
      kind === 'foundation'
        ? new FoundationStack(app, name, fleet)
        : kind === 'cluster'
          ? new ClusterStack(app, name, fleet, cluster)
          : new PlatformStack(app, name, fleet, cluster, chartMirror);
    for (const needed of needs) stack.addDependency(made.get(needed)!);
    made.set(name, stack);
  }
  return made;
}
