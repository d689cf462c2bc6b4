import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { durationSeconds, type Part } from '../../artifacts/eta';
import { wantedArtifacts } from '../../artifacts/wanted';
import { Failure } from '../../config/failure';
import { onPath } from '../../config/on-path';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { checkHost } from './checks';
import { hostData } from './claims';
import { clusterNetworks } from './cluster-networks';
import type { Finding } from './finding';
import { hostNetworks } from './networks';
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
  return [
    ...checkHost(questions),
    ...networkFindings(model, folder),
    checkPackages(plan),
    ...sourceFindings(sourcePlan),
    ...(missing === null ? [] : [sources(missing)]),
  ];
}

function sources(missing: readonly Part[]): Finding {
  const minutes = durationSeconds(missing) / 60;
  const found =
    missing.length === 0
      ? `everything is in ${cacheFolder()}`
      : `${missing.length} to be prepared once, about ${Math.ceil(minutes)} minutes on 2 cores`;
  return { check: 'sources', verdict: 'ok', found, remedy: '' };
}

/** Whether this host uses ranges of the fleet's clusters too. */
export function networkFindings({ clusters, network, provider }: ResolvedFleet, folder: string): readonly Finding[] {
  const ranges = clusters.map(({ name, podCidr, serviceCidr, kubeconfig }) => ({
    name,
    podCidr,
    serviceCidr,
    exists: existsSync(join(folder, kubeconfig)),
  }));
  return clusterNetworks(ranges, hostNetworks(), provider.addresses === 'assigned' ? network.bridge : '', network.cidr);
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
