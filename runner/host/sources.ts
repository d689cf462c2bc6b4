import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durationSeconds } from '../../artifacts/eta';
import { mirroredProviders } from '../../artifacts/official';
import { defaultCacheDir, missing, type Prepared, type PrepareEvent, prepare } from '../../artifacts/prepare';
import { offlinePlan, type PreparationPlan } from '../../artifacts/wanted';
import { Failure } from '../../config/failure';
import { packageRoot } from '../../config/package-root';
import { everyKindFrom, imageUpstreams, type SourceChoice } from '../../config/sources';
import { writeAtOnce } from '../deployment/write-atomically';

/** What the deployment takes its programs, images and charts from: written for scripts and for the synthesis, so that no JSON of Terraform names a cache. */
export interface Sources {
  readonly bin: string;
  readonly nodeImage: Prepared['nodeImage'];
  readonly registryStore: string;
  readonly chartMirror: string;
  readonly terraformConfig: string;
  /** Which source each kind comes from, for the life of the deployment. Older deployments lack it: all of theirs is offline. */
  readonly choice?: SourceChoice;
  /** Registries that the host caches, and where; empty where images are offline. */
  readonly imageUpstreams?: typeof imageUpstreams;
  readonly imageCache?: string;
}

export const cacheFolder = defaultCacheDir;

/** What would have to be made before the first machine can start. */
export const missingArtifacts = (plan: PreparationPlan = offlinePlan) => missing({ root: packageRoot(), cacheDir: cacheFolder(), plan });

/** Makes what is missing, and says so with the time that it will take; silent when everything is there. */
export async function prepareSources(plan: PreparationPlan = offlinePlan): Promise<Prepared> {
  const wanted = missingArtifacts(plan);
  if (wanted.length > 0) {
    const minutes = durationSeconds(wanted) / 60;
    const builds = wanted.filter(({ id }) => !id.startsWith('official-')).length;
    const from =
      builds === wanted.length ? 'from pinned sources' : builds === 0 ? 'from official downloads' : 'from downloads and pinned sources';
    console.error(`preparing ${wanted.length} things ${from}, once, in ${cacheFolder()}: about ${Math.ceil(minutes)} minutes on 2 cores`);
  }
  // What it throws names every failed thing with its log and a remedy: nothing that a stack trace would add to.
  return prepare({ root: packageRoot(), cacheDir: cacheFolder(), plan, onEvent: sayProgress }).catch((error: Error) => {
    throw new Failure(error.message);
  });
}

function sayProgress(event: PrepareEvent): void {
  if (event.type === 'waiting') {
    console.error(`    … ${event.summary}`);
    return;
  }
  const eta = event.etaSeconds === undefined ? '' : `, about ${Math.ceil(event.etaSeconds / 60)} min to go`;
  if (event.type === 'start') console.error(`    … ${event.summary}${eta}`);
  if (event.type === 'done') console.error(`    ✓ ${event.summary}  ${event.seconds?.toFixed(0)} s${eta}`);
  if (event.type === 'failed') console.error(`    ✗ ${event.summary}, log: ${event.log}`);
}

/** Records the sources in the deployment's folder, with the configuration that points Terraform at the provider mirror. */
export function recordSources(folder: string, prepared: Prepared, plan: PreparationPlan = offlinePlan): Sources {
  const terraformConfig = join(folder, 'terraform.rc');
  const { choice, nodePackages } = plan;
  // Machines that reach their host only need its caches; the others ask upstream themselves.
  const caches = choice.images === 'official' && nodePackages === 'image';
  const sources: Sources = {
    bin: prepared.bin,
    nodeImage: prepared.nodeImage,
    registryStore: prepared.registryStore,
    chartMirror: prepared.chartMirror,
    terraformConfig,
    choice,
    imageUpstreams: caches ? imageUpstreams : [],
    imageCache: caches ? join(cacheFolder(), 'images') : '',
  };
  mkdirSync(folder, { recursive: true });
  writeAtOnce(terraformConfig, terraformConfiguration(prepared.providerMirror, choice));
  writeAtOnce(join(folder, 'sources.json'), `${JSON.stringify(sources, null, 2)}\n`);
  return sources;
}

/**
 * Offline, the mirror is all there is, and a provider that it lacks fails at once. With official providers the mirror holds those that were
 * fetched, and any other comes from its own registry.
 */
export function terraformConfiguration(mirror: string, { providers }: SourceChoice): string {
  const list = JSON.stringify(mirroredProviders);
  const [include, direct] = providers === 'official' ? [`    include = ${list}\n`, `  direct {\n    exclude = ${list}\n  }\n`] : ['', ''];
  return `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n${include}  }\n${direct}}\n`;
}

/** What an earlier run recorded, `null` when there was none. */
export function readSources(folder: string): Sources | null {
  const file = join(folder, 'sources.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** What the deployment was made from, `null` for a new one. */
export function recordedChoice(folder: string): SourceChoice | null {
  const sources = readSources(folder);
  return sources === null ? null : (sources.choice ?? everyKindFrom('offline'));
}
