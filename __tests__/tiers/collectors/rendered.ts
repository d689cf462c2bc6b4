import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { documentsOf, helmRender } from '../../../artifacts/charts/helm';
import { findChart } from '../../../artifacts/charts/mirror';
import type { Values } from '../../../artifacts/charts/values-tree';
import type { ResolvedCluster, ResolvedComponent } from '../../../model/resolved-fleet';
import { type Json, load, resolveFresh } from '../../support/fleet-fixture';
import { helmHere } from '../../support/programs-here';

/** The fleets whose configurations are looked at; an overlay says nothing about them. */
const fleets = ['trio', 'tart', 'kind'] as const;
/** A folder of real charts, as `charts.mirror` of a fleet names one; the repository has none. */
const mirror = process.env.FLOTILLA_CHARTS || null;
const render = helmHere === null ? null : helmRender(helmHere);
const cache = new Map<string, Promise<readonly Json[] | null>>();

/** A release of a cluster of a fleet, as the fleet file makes it. */
export interface Release {
  /** `trio/mgmt`, for a test's name. */
  readonly where: string;
  readonly cluster: ResolvedCluster;
  readonly component: ResolvedComponent;
  readonly kubernetesVersion: string;
}

/** Every release of the component in the fleets. */
export const releasesOf = (id: string): readonly Release[] =>
  fleets.flatMap((fleet) => {
    const { clusters, kubernetesVersion } = resolveFresh(load(fleet));
    return clusters.flatMap((cluster) =>
      cluster.components
        .filter((component) => component.id === id)
        .map((component) => ({ where: `${fleet}/${cluster.name}`, cluster, component, kubernetesVersion })),
    );
  });

/** What its real chart makes of our values; `null` where the chart or Helm is not here. */
export function objectsOf({ component, kubernetesVersion }: Release): Promise<readonly Json[] | null> {
  const chart = chartOf({ component });
  if (chart === null || render === null) return Promise.resolve(null);
  const values = component.values as Values;
  const key = createHash('sha256')
    .update(`${chart.folder}${JSON.stringify(values)}`)
    .digest('hex');
  const made = cache.get(key) ?? rendered({ component, kubernetesVersion }, chart.folder, render, values);
  cache.set(key, made);
  return made;
}

async function rendered(
  { component, kubernetesVersion }: Pick<Release, 'component' | 'kubernetesVersion'>,
  chart: string,
  helm: NonNullable<typeof render>,
  values: Values,
): Promise<readonly Json[]> {
  const { text, error } = await helm({
    release: component.id,
    namespace: component.namespace.name,
    chart,
    values,
    kubernetesVersion,
    apis: ['monitoring.coreos.com/v1'],
  });
  if (text === null) throw new Error(`${component.id}: ${error}`);
  return documentsOf(text).map(({ text: document }) => parse(document) as Json);
}

const chartOf = ({ component }: Pick<Release, 'component'>) =>
  component.chart === null || mirror === null || render === null ? null : findChart([mirror], component.chart);

/** Whether the chart of a component is here; where it is not, says what is not proven. */
export function chartIsHere(id: string, unproven: string): boolean {
  const here = releasesOf(id).every((release) => chartOf(release) !== null);
  if (!here) console.warn(`no chart of ${id} in FLOTILLA_CHARTS, or no Helm (npm run test:charts builds it): ${unproven}`);
  return here;
}
