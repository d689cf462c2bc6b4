import type { ResolvedFleet } from '../../model/resolved-fleet';
import { wantedArtifacts } from '../../offline/wanted';
import { Failure } from '../failure';
import { checkHost } from './checks';
import { hostData } from './claims';
import { type Finding, onPath } from './finding';
import { checkPackages, installPackages } from './packages';
import { sourceFindings } from './source-findings';
import { planOf } from './source-plan';
import { cacheFolder, missingArtifacts } from './sources';

/** What a cold preparation leaves and passes through, GiB. */
const preparationGiB = 20;

/** Everything that doctor looks at, for one deployment. */
export function findings(model: ResolvedFleet, folder: string): readonly Finding[] {
  const sourcePlan = planOf(model, folder);
  const { plan } = sourcePlan;
  const compiled = wantedArtifacts(plan).artifacts.flatMap(({ id, usesGo }) => (usesGo ? [id] : []));
  // The names of what is built hold Go's version: without Go nobody can tell what is missing.
  const missing = compiled.length === 0 || onPath('go') ? missingArtifacts(plan) : null;
  const builds = missing === null || missing.some(({ id }) => compiled.includes(id));
  const questions = {
    provider: model.provider.id,
    addresses: model.provider.addresses,
    machineNetwork: model.provider.network,
    nodes: model.clusters.flatMap(({ nodes }) => nodes).length,
    memoryMiB: model.budget.nodesMemoryMiB,
    dataFolder: hostData,
    cacheFolder: cacheFolder(),
    preparationGiB: builds ? preparationGiB : 0,
    network: { cidr: model.network.cidr, bridge: model.network.bridge, registryPort: model.network.registry.port },
    folder,
    uid: model.uid,
    buildsFromSource: builds,
  };
  return [...checkHost(questions), checkPackages(plan), ...sourceFindings(sourcePlan), ...(missing === null ? [] : [sources(missing)])];
}

function sources(missing: readonly { readonly estimateSeconds: number }[]): Finding {
  const minutes = missing.reduce((sum, { estimateSeconds }) => sum + estimateSeconds, 0) / 60;
  const found =
    missing.length === 0
      ? `everything is in ${cacheFolder()}`
      : `${missing.length} to be prepared once, about ${minutes.toFixed(0)} minutes of work`;
  return { check: 'sources', verdict: 'ok', found, remedy: '' };
}

/** Installs Debian packages that are missing, then refuses a host that cannot carry the fleet, with all that is wrong with it. @throws Failure */
export function requireFitHost(model: ResolvedFleet, folder: string): void {
  const faults = findings(model, folder).filter(({ verdict }) => verdict === 'fault');
  if (faults.length > 0) {
    const said = faults.map(({ check, found, remedy }) => `  ${check}: ${found}\n    ${remedy}`).join('\n');
    throw new Failure(`this host cannot carry ${model.deployment} yet, nothing was created:\n${said}`);
  }
  installPackages(planOf(model, folder).plan);
}
