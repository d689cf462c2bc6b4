import type { FleetProblem } from '../../config/problem';
import type { ResolvedFleet } from '../resolved-fleet';
import { at, objectsOf } from './objects';

/** How long a Secret may be older than what Vault says. */
const promisedHours = 1;

/**
 * Contract C3: what External Secrets has copied lasts while Vault is away, and is at most an hour old while it is there. So every copy is kept when its source
 * is gone, and looked at every hour or more often.
 */
export function secretCache({ clusters }: Pick<ResolvedFleet, 'clusters'>): readonly FleetProblem[] {
  return clusters.flatMap(({ name: cluster, components }, index) =>
    components.flatMap((component) =>
      objectsOf(component, 'ExternalSecret').flatMap(({ metadata, spec }) => {
        const kept = at(spec, 'target', 'deletionPolicy') ?? 'Retain';
        const hours = hoursOf(at(spec, 'refreshInterval') ?? '1h');
        const rules = [
          ...(kept === 'Retain' ? [] : [`goes when its source goes (deletionPolicy ${kept})`]),
          ...(hours > 0 && hours <= promisedHours ? [] : [`is looked at ${hours > 0 ? `every ${hours} hours` : 'only once'}`]),
        ];
        return rules.map((rule) => ({
          id: 'secret-cache',
          path: ['clusters', index, 'components'],
          value: undefined,
          rule: `what ExternalSecret ${metadata.name} of ${component.id} in cluster "${cluster}" copies ${rule}`,
          remedy: `say deletionPolicy: Retain and a refreshInterval of ${promisedHours}h or less`,
        }));
      }),
    ),
  );
}

/** Of a duration as Go writes it, such as 1h30m; 0 for one that never comes. */
function hoursOf(duration: unknown): number {
  const units: Readonly<Record<string, number>> = { h: 1, m: 1 / 60, s: 1 / 3600 };
  return [...String(duration).matchAll(/([\d.]+)([hms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0);
}
