import type { LockedChart } from '../artifacts/charts/lock';
import { imageUpstreams } from '../config/sources';
import { imageMirrors } from '../model/image-mirrors';
import type { ResolvedFleet } from '../model/resolved-fleet';
import type { Inventory } from './contracts';
import type { Examination } from './examination';
import { quietPrograms } from './phone-home';
import { publishedCharts, type UsedChart } from './published';
import { queriesOf } from './queries';
import { parsedQueries, type QueryParser } from './query-check';
import { imageRegistries } from './registries';
import { clusterSums } from './sums';

/** The checks of what no single rendered object shows, by the kind of their findings. */
export interface BeyondRender {
  readonly unpublished: Examination;
  readonly registry: Examination;
  readonly query: Examination;
  readonly 'phone-home': Examination;
  readonly sum: Examination;
}

export interface Evidence {
  readonly model: ResolvedFleet;
  readonly inventories: ReadonlyMap<string, Inventory>;
  readonly locked: readonly LockedChart[];
  readonly mirrors: readonly string[];
  readonly queryParser: QueryParser;
}

export async function beyondRender({ model, inventories, locked, mirrors, queryParser }: Evidence): Promise<BeyondRender> {
  return {
    unpublished: publishedCharts(usedCharts(model), locked, mirrors),
    registry: imageRegistries(inventories, imageUpstreams, reachesInternet(model)),
    query: await parsedQueries(queriesOf(inventories), queryParser),
    'phone-home': quietPrograms(inventories),
    sum: clusterSums(model.clusters, inventories),
  };
}

/** Machines with addresses that the fleet assigns reach only their host, which is their mirror of official images. */
const reachesInternet = ({ provider, network }: ResolvedFleet): boolean =>
  imageMirrors('official', provider.addresses === 'leased' ? null : network.gateway, network.registry.port).length === 0;

function usedCharts({ clusters }: ResolvedFleet): readonly UsedChart[] {
  const used = new Map<string, UsedChart>();
  for (const { name, components } of clusters)
    for (const { id, chart } of components) {
      const key = JSON.stringify(chart);
      if (chart !== null && !used.has(key)) used.set(key, { chart, release: `${name}/${id}` });
    }
  return [...used.values()];
}
