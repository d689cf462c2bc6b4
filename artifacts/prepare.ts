import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Artifact, PrepareEvent } from './artifact';
import { artifactFolder, closure, make } from './engine';
import { artifactKeys } from './keys';
import { offlinePlan, type PreparationPlan, wantedArtifacts } from './wanted';

export type { PrepareEvent } from './artifact';

export interface Prepared {
  /** kubectl; registry where this host carries one; crane and etcdctl where they were built here. */
  readonly bin: string;
  /** `containerd` holds the pod images, unpacked. Empty texts where nodes are not born from an image of ours. */
  readonly nodeImage: { readonly rootfs: string; readonly digest: string; readonly containerd: string };
  /** Empty where images are official: caches in front of their registries serve them. */
  readonly registryStore: string;
  readonly providerMirror: string;
  /** Empty where charts come from their repositories. */
  readonly chartMirror: string;
  /** seconds: how long it took just now, null when it was there already. */
  readonly artifacts: readonly {
    readonly id: string;
    readonly key: string;
    readonly seconds: number | null;
    readonly standInFor?: string;
  }[];
}

export interface PrepareOptions {
  /** The repository's root. */
  readonly root: string;
  readonly cacheDir: string;
  /** What comes from where. @default - everything from offline, for machines that start from the node image */
  readonly plan?: PreparationPlan;
  /** Ids to make, with all that they need; everything when left out. Folders of what is left out need not exist. */
  readonly only?: readonly string[];
  readonly onEvent: (event: PrepareEvent) => void;
}

/** FLOTILLA_CACHE, else ~/.cache/flotilla. */
export function defaultCacheDir(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.FLOTILLA_CACHE || join(homedir(), '.cache', 'flotilla');
}

/** Makes what is missing and tells where everything is. Throws one error that names every failed artifact, its log and a remedy. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { roles, artifacts } = wantedArtifacts(options.plan ?? offlinePlan);
  const made = await make({ ...options, artifacts });
  const keys = artifactKeys(options.root, artifacts);
  const folder = (id: string | null): string => (id === null ? '' : artifactFolder(options.cacheDir, id, keys.get(id)!));
  const below = (id: string | null, name: string): string => (id === null ? '' : join(folder(id), name));
  const digestFile = below(roles.nodeImage, 'digest');
  return {
    bin: folder(roles.tools),
    nodeImage: {
      rootfs: below(roles.nodeImage, 'rootfs'),
      digest: existsSync(digestFile) ? readFileSync(digestFile, 'utf8').trim() : '',
      containerd: below(roles.preloaded, 'containerd'),
    },
    registryStore: folder(roles.registryStore),
    providerMirror: folder(roles.providers),
    chartMirror: folder(roles.charts),
    artifacts: made.map(({ folder: _folder, ...artifact }) => artifact),
  };
}

/** What `prepare` would make now, in order, without making it. */
export function missing(options: {
  readonly root: string;
  readonly cacheDir: string;
  readonly plan?: PreparationPlan;
  readonly only?: readonly string[];
}): Pick<Artifact, 'id' | 'summary' | 'needs' | 'estimateSeconds'>[] {
  const { artifacts } = wantedArtifacts(options.plan ?? offlinePlan);
  const keys = artifactKeys(options.root, artifacts);
  return closure(artifacts, options.only)
    .filter(({ id }) => !existsSync(artifactFolder(options.cacheDir, id, keys.get(id)!)))
    .map(({ id, summary, needs, estimateSeconds }) => ({ id, summary, needs, estimateSeconds }));
}
