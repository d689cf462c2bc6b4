import type { FleetProblem } from '../../config/problem';
import type { ResolvedCluster, ResolvedComponent, ResolvedFleet } from '../resolved-fleet';
import { at, objectsOf } from './objects';

/**
 * Contract C5: certificates begin with a self-signed issuer and end with one that can be trusted. So where another issuer is provided, no component declares a
 * self-signed one for good; a script that creates it is followed by a script that deletes it; and no certificate is requested before its issuer exists.
 */
export function certificatePhases({ clusters }: Pick<ResolvedFleet, 'clusters'>): readonly FleetProblem[] {
  return clusters.flatMap((cluster, index) =>
    [...stale(cluster), ...unfinished(cluster), ...early(cluster)].map(({ rule, remedy }) => {
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

const phaseScripts = { creates: 'host/pki-phase-1.sh', deletes: 'host/pki-phase-2.sh' };

/** Ids of everything that is installed before a component. */
function installedBefore({ components }: Pick<ResolvedCluster, 'components'>, id: string): readonly string[] {
  const { dependsOn } = components.find((component) => component.id === id) ?? { dependsOn: [] };
  return dependsOn.flatMap((needed) => [needed, ...installedBefore({ components }, needed)]);
}

function unfinished(cluster: ResolvedCluster): readonly Broken[] {
  const running = (script: string) =>
    cluster.components.flatMap(({ id, steps }) => steps.filter((step) => step.script === script).map(({ input }) => ({ id, input })));
  return running(phaseScripts.creates).flatMap(({ id, input }) => {
    const ending = running(phaseScripts.deletes).filter((other) => other.input?.issuer === input?.issuer);
    if (ending.some((other) => installedBefore(cluster, other.id).includes(id))) return [];
    const rule = `${id} creates the self-signed issuer ${input?.issuer} in cluster "${cluster.name}", and no later step deletes it`;
    return [
      { rule, remedy: `leave ${id} out, or add the component whose step runs ${phaseScripts.deletes} for ${input?.issuer} after it` },
    ];
  });
}

function early({ name: cluster, components }: ResolvedCluster): readonly Broken[] {
  return components.flatMap((component) =>
    objectsOf(component, 'Certificate').flatMap(({ metadata, spec }) => {
      const wanted = at(spec, 'issuerRef', 'name');
      const maker = components.find((one) => issuersOf(one).some((issuer) => issuer.metadata.name === wanted));
      if (maker !== undefined && (maker.id === component.id || installedBefore({ components }, component.id).includes(maker.id))) return [];
      const rule = `certificate ${metadata.name} of ${component.id} in cluster "${cluster}" asks issuer ${wanted}, which ${maker === undefined ? 'nobody makes' : `${maker.id} may make later`}`;
      return [{ rule, remedy: `let ${component.id} require ${maker?.id ?? 'what provides "issuer"'}` }];
    }),
  );
}
