import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lockedDigest, otherThanLocked, readLock } from '../../artifacts/charts/lock';
import { findChart, isFolder } from '../../artifacts/charts/mirror';
import { standInPlan } from '../../artifacts/charts/stubs';
import { readStandIn, type StandInPlan, writeStandIn } from '../../artifacts/stub-chart';
import type { PreparationPlan } from '../../artifacts/wanted';
import { packageRoot, projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import { catalog } from '../../model';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { readSources } from '../host/sources';
import type { Deployment } from './deployment';
import { namesIn } from './folder';

/**
 * Folders that may hold real charts: the one that is told or the fleet's own, then those that the deployment has from Go modules.
 * @throws UserError when the one that is told is not there
 */
export function mirrorsOf({ model, folder }: Pick<Deployment, 'model' | 'folder'>, told?: string): readonly string[] {
  const own = told === undefined ? model.charts.mirror && resolve(projectRoot(), model.charts.mirror) : resolve(told);
  if (told !== undefined && !isFolder(own!))
    throw new UserError(
      `--mirror ${told}: there is no such folder; name one that holds <name>-<version>.tgz, or let "npx flotilla charts pull --mirror ${told}" make it`,
    );
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
 * @param locked what is known of archives
 * @throws UserError for an archive that the lock knows otherwise
 */
export function stageCharts(
  model: ResolvedFleet,
  deploymentFolder: string,
  mirrors: readonly string[],
  { choice, standIns: runnable }: Pick<PreparationPlan, 'choice' | 'standIns'>,
  locked = readLock(),
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
    const fault = found?.digest ? otherThanLocked(found.digest, lockedDigest(chart, locked)) : null;
    if (fault !== null) throw new UserError(`${chart.name} ${chart.version}: ${fault}`);
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
