import type { Component } from '../components/define';
import type { LoadedFleet } from '../config/load';
import type { OverlayDecision } from '../config/overlay';
import type { FleetSpec } from '../config/schema';

const words = { leaveOut: 'leaves out', bringIn: 'brings in', drop: 'drops' } as const;

/** What the overlay decided on purpose, as far as it changes this fleet: one sentence per component or field. */
export function overlayNotes(
  { overlay, decisions }: Pick<LoadedFleet, 'overlay' | 'decisions'>,
  spec: FleetSpec,
  catalog: readonly Component[],
): readonly string[] {
  const byRole = ({ subject, cluster }: OverlayDecision): boolean => {
    const role = spec.clusters.find(({ name }) => name === cluster)?.role;
    return role !== undefined && (catalog.find(({ id }) => id === subject)?.roles ?? []).includes(role);
  };
  const effective = decisions.filter((decision) => {
    if (decision.what === 'drop') return true;
    return decision.what === 'leaveOut' ? decision.asked || byRole(decision) : !byRole(decision);
  });
  const subjects = [...new Map(effective.map((decision) => [`${decision.what} ${decision.subject}`, decision])).values()];
  return subjects.map(({ what, subject, why }) => {
    const where = effective.filter((decision) => decision.what === what && decision.subject === subject).map(({ cluster }) => cluster);
    const clusters = [...new Set(where)].filter((name) => name !== null);
    const of = clusters.length === 0 ? '' : ` (${clusters.join(', ')})`;
    return `overlay ${overlay} ${words[what]} ${subject}${of}${why === null ? '' : `: ${why}`}`;
  });
}
