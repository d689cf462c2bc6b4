import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot, projectRoot } from '../../config/package-root';
import type { Source } from '../../config/sources';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { writeStandIn } from '../../offline/stand-in';
import { readSources } from '../host/sources';
import type { Deployment } from '../run/deployment';
import { findChart } from './mirror';
import { standInPlan } from './stand-ins';

/** Folders that may hold real charts: the one that is told or the fleet's own, then those that the deployment has from Go modules. */
export function mirrorsOf({ model, folder }: Pick<Deployment, 'model' | 'folder'>, told?: string): readonly string[] {
  const own = told === undefined ? model.charts.mirror && resolve(projectRoot(), model.charts.mirror) : resolve(told);
  return [own, readSources(folder)?.chartMirror].flatMap((mirror) => mirror || []);
}

/** What a fleet's charts are taken from. */
export interface StagedCharts {
  /** Holds `<name>-<version>/` of every chart that does not come from its repository. */
  readonly folder: string;
  /** `name version` of each that is a stand-in. */
  readonly standIns: readonly string[];
}

/**
 * Lays out the charts of a fleet: real ones by links into the mirrors. Those that no mirror has come from their repository, or, where nothing
 * is fetched, as stand-ins.
 */
export function stageCharts(model: ResolvedFleet, deploymentFolder: string, mirrors: readonly string[], source: Source): StagedCharts {
  const folder = join(deploymentFolder, 'charts');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const charts = new Map(
    model.clusters.flatMap(({ components }) =>
      components.flatMap(({ chart }) => (chart === null ? [] : [[`${chart.name}-${chart.version}`, chart] as const])),
    ),
  );
  const standIns: string[] = [];
  for (const [name, chart] of charts) {
    const found = findChart(mirrors, chart);
    if (found !== null) symlinkSync(found.folder, join(folder, name));
    else if (source === 'offline') {
      writeStandIn(packageRoot(), standInPlan(chart), join(folder, name));
      standIns.push(`${chart.name} ${chart.version}`);
    }
  }
  return { folder, standIns };
}
