import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedComponent } from '../../model/resolved-fleet';
import { type LoggedRun, loggedRuns } from '../../runner/progress/log-files';

export const runsOf = (deploymentFolder: string): readonly LoggedRun[] => loggedRuns(join(deploymentFolder, 'logs'));

interface Span {
  readonly began: number;
  readonly ended: number;
}

/** When each resource of a stack was worked on, as Terraform's own log tells. */
function spans(log: string): ReadonlyMap<string, Span> {
  const begun = new Map<string, number>();
  const found = new Map<string, Span>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    if (!line.startsWith('{')) continue;
    const event = JSON.parse(line);
    const address: string | undefined = event.hook?.resource?.addr;
    if (address === undefined) continue;
    const at = Date.parse(event['@timestamp']);
    if (event.type === 'apply_start') begun.set(address, at);
    if (event.type === 'apply_complete') found.set(address, { began: begun.get(address)!, ended: at });
  }
  return found;
}

/**
 * `<component> began before <other>`: for each component whose release, gate or step began while something that it depends on was not over. Its Secrets and namespace may be
 * made earlier.
 */
export function outOfOrder(
  run: LoggedRun,
  cluster: string,
  components: readonly Pick<ResolvedComponent, 'id' | 'dependsOn'>[],
): readonly string[] {
  const all = spans(join(run.folder, `${cluster}-platform.log`));
  const of = (id: string): readonly Span[] =>
    [...all].flatMap(([address, span]) => {
      const name = address.slice(address.indexOf('.') + 1);
      const isSteps =
        name.startsWith(`step-${id}-`) && !components.some((other) => other.id.length > id.length && name.startsWith(`step-${other.id}-`));
      return [id, `${id}-resources`, `gate-${id}`].includes(name) || isSteps ? [span] : [];
    });
  const missing = components.filter(({ id }) => of(id).length === 0).map(({ id }) => `${cluster}: ${id} was never worked on`);
  const early = components.flatMap(({ id, dependsOn }) =>
    dependsOn
      .filter((needed) => of(needed).length > 0 && of(id).length > 0)
      .filter((needed) => Math.min(...of(id).map(({ began }) => began)) < Math.max(...of(needed).map(({ ended }) => ended)))
      .map((needed) => `${cluster}: ${id} began before ${needed} was over`),
  );
  return [...missing, ...early];
}
