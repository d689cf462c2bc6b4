import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { PrepareEvent } from './artifact';
import { artifacts } from './artifacts';
import { artifactFolder, closure, make } from './engine';
import { artifactKeys } from './keys';

export type { PrepareEvent } from './artifact';

export interface Prepared {
  /** kubectl, crane, registry, etcdctl. */
  readonly bin: string;
  /** `containerd` holds the pod images, unpacked. `digest` is empty when `only` left the image out and it was never made. */
  readonly nodeImage: { readonly rootfs: string; readonly digest: string; readonly containerd: string };
  readonly registryStore: string;
  readonly providerMirror: string;
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
  const made = await make({ ...options, artifacts });
  const keys = artifactKeys(options.root, artifacts);
  const folder = (id: string): string => artifactFolder(options.cacheDir, id, keys.get(id)!);
  const digestFile = join(folder('node-image'), 'digest');
  return {
    bin: folder('host-tools'),
    nodeImage: {
      rootfs: join(folder('node-image'), 'rootfs'),
      digest: existsSync(digestFile) ? readFileSync(digestFile, 'utf8').trim() : '',
      containerd: join(folder('preloaded-images'), 'containerd'),
    },
    registryStore: folder('registry-store'),
    providerMirror: folder('provider-mirror'),
    chartMirror: folder('chart-mirror'),
    artifacts: made.map(({ folder: _folder, ...artifact }) => artifact),
  };
}

/** What `prepare` would make now, in order, without making it. */
export function missing(options: {
  readonly root: string;
  readonly cacheDir: string;
  readonly only?: readonly string[];
}): { id: string; summary: string; estimateSeconds: number }[] {
  const keys = artifactKeys(options.root, artifacts);
  return closure(artifacts, options.only)
    .filter(({ id }) => !existsSync(artifactFolder(options.cacheDir, id, keys.get(id)!)))
    .map(({ id, summary, estimateSeconds }) => ({ id, summary, estimateSeconds }));
}
