import { dirname } from 'node:path';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { Failure } from '../failure';
import { checkHost, type Finding } from './checks';
import { checkPackages, installPackages } from './packages';
import { cacheFolder, missingArtifacts } from './sources';

/** What a cold preparation leaves and passes through, GiB; the machines of a small fleet take about one each. */
const preparationGiB = 20;
const machinesGiB = 5;

/** Everything that doctor looks at, for one deployment. */
export function findings(model: ResolvedFleet, folder: string): readonly Finding[] {
  const missing = missingArtifacts();
  const questions = {
    memoryMiB: model.budget.nodesMemoryMiB,
    dataFolder: '/var/lib/flotilla',
    cacheFolder: cacheFolder(),
    diskGiB: machinesGiB + (missing.length > 0 ? preparationGiB : 0),
    network: { cidr: model.network.cidr, bridge: model.network.bridge },
    checkout: dirname(dirname(folder)),
    uid: model.uid,
  };
  const minutes = missing.reduce((sum, { estimateSeconds }) => sum + estimateSeconds, 0) / 60;
  const found =
    missing.length === 0
      ? `everything is in ${cacheFolder()}`
      : `${missing.length} to be built once, about ${minutes.toFixed(0)} minutes of work`;
  return [...checkHost(questions), checkPackages(), { check: 'sources', verdict: 'ok', found, remedy: '' }];
}

/** Installs Debian packages that are missing, then refuses a host that cannot carry the fleet, with all that is wrong with it. @throws Failure */
export function requireFitHost(model: ResolvedFleet, folder: string): void {
  const faults = findings(model, folder).filter(({ verdict }) => verdict === 'fault');
  if (faults.length > 0) {
    const said = faults.map(({ check, found, remedy }) => `  ${check}: ${found}\n    ${remedy}`).join('\n');
    throw new Failure(`this host cannot carry ${model.deployment} yet, nothing was created:\n${said}`);
  }
  installPackages();
}
