import { type OwnImage, ownImages } from '../config/own-images';
import { imageUpstreams, type Source } from '../config/sources';
import type { ResolvedFleet } from './resolved-fleet';

/** What prepare.sh tells containerd: whom to ask for images of a registry. `_default` is every registry without an entry of its own. */
export interface ImageMirror {
  readonly registry: string;
  readonly url: string;
}

/**
 * Whom machines ask for images before the registry that the image's name tells.
 * @param host address of the host as machines see it; `null` where the host runs no registry: machines then ask upstream themselves
 * @param ownPort port of the registry that holds what `artifacts/` made
 */
export function imageMirrors(source: Source, host: string | null, ownPort: number): readonly ImageMirror[] {
  if (host === null) return [];
  if (source === 'offline') return [{ registry: '_default', url: `http://${host}:${ownPort}` }];
  return imageUpstreams.map(({ registry, port }) => ({ registry, url: `http://${host}:${port}` }));
}

/** Where the official packages of Kubernetes are, without their minor version. */
const packageRepository = 'https://pkgs.k8s.io/core:/stable:';

/** Where the nodes of a fleet get what they run. */
export interface NodeSources {
  readonly mirrors: readonly ImageMirror[];
  /** Packages that a machine installs itself; absent where it is born with them. */
  readonly packageRepository?: string;
  /** Images that each node makes itself, because no public registry has them. */
  readonly ownImages: readonly OwnImage[];
}

export function nodeSources({ sources, provider, network }: ResolvedFleet): NodeSources {
  const official = sources.images === 'official';
  // The registry of a provider that leases is known by its own token; where its images are official, its host runs none.
  const offline = [{ registry: '_default', url: network.registry.url }];
  const host = provider.addresses === 'leased' ? null : network.gateway;
  return {
    mirrors: official ? imageMirrors('official', host, network.registry.port) : offline,
    ...(sources.packages === 'official' && provider.image !== null ? { packageRepository } : {}),
    ownImages: official ? ownImages : [],
  };
}
