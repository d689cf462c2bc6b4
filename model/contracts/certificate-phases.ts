import type { FleetProblem } from '../../config/problem';
import type { ResolvedCluster, ResolvedComponent, ResolvedFleet } from '../resolved-fleet';
import { at, objectsOf } from './objects';

/**
 * Contract C5: certificates begin with an issuer that vouches for itself, and end with one that somebody can trust. So where there is a real issuer the first
 * one is gone, and nobody asks for a certificate before its issuer is there.
 */
export function certificatePhases({ clusters }: Pick<ResolvedFleet, 'clusters'>): readonly FleetProblem[] {
  return clusters.flatMap((cluster, index) =>
    [...stale(cluster), ...early(cluster)].map(({ rule, remedy }) => {
      return { id: 'certificate-phases', path: ['clusters', index, 'components'], value: undefined, rule, remedy };
    }),
  );
}

type Broken = Pick<FleetProblem, 'rule' | 'remedy'>;

const issuersOf = (component: ResolvedComponent) => objectsOf(component, 'ClusterIssuer', 'Issuer');

function stale({ name: cluster, components }: ResolvedCluster): readonly Broken[] {
  if (!components.some(({ provides }) => provides.includes('issuer'))) return [];
  return components.flatMap((component) =>
    issuersOf(component)
      .filter(({ spec }) => at(spec, 'selfSigned') !== undefined)
      .map(({ metadata }) => ({
        rule: `issuer ${metadata.name} of ${component.id} vouches for itself, although cluster "${cluster}" has one that can be trusted`,
        remedy: 'make it only where nothing provides "issuer": context.has(\'issuer\')',
      })),
  );
}

function early({ name: cluster, components }: ResolvedCluster): readonly Broken[] {
  const before = (id: string): readonly string[] =>
    (components.find((component) => component.id === id)?.dependsOn ?? []).flatMap((needed) => [needed, ...before(needed)]);
  return components.flatMap((component) =>
    objectsOf(component, 'Certificate').flatMap(({ metadata, spec }) => {
      const wanted = at(spec, 'issuerRef', 'name');
      const maker = components.find((one) => issuersOf(one).some((issuer) => issuer.metadata.name === wanted));
      if (maker !== undefined && (maker.id === component.id || before(component.id).includes(maker.id))) return [];
      const rule = `certificate ${metadata.name} of ${component.id} in cluster "${cluster}" asks issuer ${wanted}, which ${maker === undefined ? 'nobody makes' : `${maker.id} may make later`}`;
      return [{ rule, remedy: `let ${component.id} require ${maker?.id ?? 'what provides "issuer"'}` }];
    }),
  );
}
