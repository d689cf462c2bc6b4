import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';
import { defaultCacheDir, missing, type Prepared, type PrepareEvent, prepare } from '../../offline/prepare';
import { Failure } from '../failure';

/** What the deployment takes its programs, images and charts from: written for scripts and for the synthesis, so that no JSON of Terraform names a cache. */
export interface Sources {
  readonly bin: string;
  readonly nodeImage: Prepared['nodeImage'];
  readonly registryStore: string;
  readonly chartMirror: string;
  readonly terraformConfig: string;
}

export const cacheFolder = defaultCacheDir;

/** What would have to be built before the first machine can start. */
export const missingArtifacts = () => missing({ root: packageRoot(), cacheDir: cacheFolder() });

/** Builds what is missing, and says so with the time that it will take; silent when everything is there. */
export async function prepareSources(): Promise<Prepared> {
  const wanted = missingArtifacts();
  if (wanted.length > 0) {
    const minutes = wanted.reduce((sum, { estimateSeconds }) => sum + estimateSeconds, 0) / 60;
    console.error(
      `preparing ${wanted.length} things from pinned sources, once, in ${cacheFolder()}: about ${minutes.toFixed(0)} minutes of work`,
    );
  }
  // What it throws names every failed thing with its log and a remedy: nothing that a stack trace would add to.
  return prepare({ root: packageRoot(), cacheDir: cacheFolder(), onEvent: sayProgress }).catch((error: Error) => {
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
export function recordSources(folder: string, prepared: Prepared): Sources {
  const terraformConfig = join(folder, 'terraform.rc');
  const sources = {
    bin: prepared.bin,
    nodeImage: prepared.nodeImage,
    registryStore: prepared.registryStore,
    chartMirror: prepared.chartMirror,
    terraformConfig,
  };
  mkdirSync(folder, { recursive: true });
  write(terraformConfig, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(prepared.providerMirror)}\n  }\n}\n`);
  write(join(folder, 'sources.json'), `${JSON.stringify(sources, null, 2)}\n`);
  return sources;
}

/** What an earlier run recorded, `null` when there was none. */
export function readSources(folder: string): Sources | null {
  const file = join(folder, 'sources.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function write(file: string, text: string): void {
  writeFileSync(`${file}.half`, text);
  renameSync(`${file}.half`, file);
}
