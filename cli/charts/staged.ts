import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot, projectRoot } from '../../config/package-root';
import { catalog } from '../../model';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { readStandIn, type StandInPlan, writeStandIn } from '../../offline/stand-in';
import type { PreparationPlan } from '../../offline/wanted';
import { readSources } from '../host/sources';
import type { Deployment } from '../run/deployment';
import { namesIn } from '../run/folder';
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
  readonly standIns: readonly StandInPlan[];
}

/**
 * Lays out the charts of a fleet: real ones by links into the mirrors. Those that no mirror has come from their repository, or, where nothing
 * is fetched, as stand-ins.
 */
export function stageCharts(
  model: ResolvedFleet,
  deploymentFolder: string,
  mirrors: readonly string[],
  { choice, standIns: runnable }: Pick<PreparationPlan, 'choice' | 'standIns'>,
): StagedCharts {
  const folder = join(deploymentFolder, 'charts');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const charts = new Map(
    model.clusters.flatMap(({ components }) =>
      components.flatMap(({ chart }) => (chart === null ? [] : [[`${chart.name}-${chart.version}`, chart] as const])),
    ),
  );
  const standIns: StandInPlan[] = [];
  // Their images come from the same place as all others.
  const programs = choice.images === 'offline' ? runnable : [];
  for (const [name, chart] of charts) {
    const found = findChart(mirrors, chart);
    if (found !== null) symlinkSync(found.folder, join(folder, name));
    else if (choice.charts === 'offline') {
      const plan = standInPlan(chart, catalog, programs);
      writeStandIn(packageRoot(), plan, join(folder, name));
      standIns.push(plan);
    }
  }
  return { folder, standIns };
}

/** The stand-ins that a deployment was last given. */
export function stagedStandIns(deploymentFolder: string): readonly StandInPlan[] {
  const folder = join(deploymentFolder, 'charts');
  return namesIn(folder).flatMap((name) => readStandIn(join(folder, name)) ?? []);
}
