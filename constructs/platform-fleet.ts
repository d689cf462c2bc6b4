import type { Construct } from 'constructs';
import type { ResolvedFleet } from '../model/resolved-fleet';
import type { Contribution, PlatformSource } from './platform-source';

export interface FleetPlatformProps {
  readonly fleet: ResolvedFleet;
  /** Name of one of its clusters. */
  readonly cluster: string;
}

/** The components that a fleet file installs. Constructs select among them; they neither add nor change any. */
export function fleetSource(scope: Construct, { fleet, cluster: name }: FleetPlatformProps): PlatformSource {
  const cluster = fleet.clusters.find((candidate) => candidate.name === name);
  if (cluster === undefined)
    throw new Error(
      `${scope.node.path}: fleet "${fleet.fleet}" has no cluster "${name}"; choose one of ${fleet.clusters.map((one) => one.name).join(', ')}`,
    );
  const installs = (id: string): boolean => cluster.components.some((component) => component.id === id);
  return {
    uid: fleet.uid,
    cluster,
    clusters: fleet.clusters,
    domain: fleet.domain,
    kubeconfig: cluster.kubeconfig,
    installs,
    mayInstall: installs,
    check: (contributions) => {
      const changes = contributions.filter(changesComponents).map((one) => `${one.scope.node.path} changes components`);
      if (changes.length > 0) throw new Error(`${changes.join('\n')}; ${name} comes from a fleet file: write the change there`);
    },
    resolve: () => cluster.components,
  };
}

const changesComponents = ({ values, stepInputs, userSecrets }: Contribution): boolean =>
  [values, stepInputs, userSecrets].some((record) => Object.keys(record ?? {}).length > 0);
