import { standInMark } from '../../artifacts/stub-chart';
import type { Deployment } from '../deployment/deployment';
import { kubectlItems } from './kubectl';

/** Releases of a cluster that are stand-ins for charts which cannot be had here. */
export interface ClusterStandIns {
  readonly cluster: string;
  /** `<release> (<chart> <version>)`, with what it really runs where it runs something, sorted. */
  readonly releases: readonly string[];
}

interface ConfigMap {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly data: { readonly chart: string; readonly runs?: string };
}

/** What runs in place of the real thing, as the clusters say; a cluster that does not answer, or has none, is left out. */
export async function readStandIns(deployment: Deployment): Promise<readonly ClusterStandIns[]> {
  const found = await Promise.all(
    deployment.model.clusters.map(async (cluster) => {
      const maps =
        (await kubectlItems<ConfigMap>(deployment, cluster, ['configmaps', '--all-namespaces', '--selector', standInMark])) ?? [];
      return {
        cluster: cluster.name,
        releases: maps.map(({ metadata, data: { chart, runs } }) => `${metadata.labels[standInMark]} (${sayChart(chart, runs)})`).sort(),
      };
    }),
  );
  return found.filter(({ releases }) => releases.length > 0);
}

export const sayChart = (chart: string, runs?: string): string => (runs === undefined ? chart : `${chart}, which runs ${runs}`);

/** Sentences that no report with a stand-in may lack. */
export const sayStandIns = (found: readonly ClusterStandIns[]): readonly string[] =>
  found.map(({ cluster, releases }) => `${cluster}: ${releases.length} STAND-INS, not the real software: ${releases.join('; ')}`);
