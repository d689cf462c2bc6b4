import { ownImages } from '../config/own-images';
import type { ImageUpstream } from '../config/sources';
import { isValues } from '../model/merge-values';
import type { Inventory, Loose } from './contracts';
import { embeddedFiles } from './embedded';
import { counted, type Examination } from './examination';
import { imagesOf } from './images';

export const defaultRegistry = 'docker.io';

/** The registry that an image is pulled from, as the container runtime reads the image's name. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first.replace(/^(index|registry-1)\.docker\.io$/, defaultRegistry) : defaultRegistry;
}

const host = String.raw`(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?`;
/** An image with its registry and a tag or digest, alone or as the value of a flag: `--reloader=quay.io/a/b:v1`. */
const wholeImage = new RegExp(String.raw`^(?:[\w.-]+[= ])?(${host}/[\w./-]+(?::[\w][\w.-]*|@sha256:[0-9a-f]{64}))$`);
const location = new RegExp(`^${host}(?:/[\\w./-]+)?$`);
/** Keys of settings by which operators and injectors put images together: `dbRegistry`, `trivy.repository`, Istio's `hub`. */
const locationKey = /(registry|repository|(^|[._-])hub)$/i;
/** Not an image: Istio's injector puts the proxy's image there. */
const placeholder = 'auto';

/** Images of an object, also those that its program starts itself: in flags, in fields of custom objects, in configuration files. */
export function imagesNamedIn(object: Loose): readonly string[] {
  const files = embeddedFiles(object);
  const images = [object, ...files.map(({ tree }) => tree)].flatMap((tree) => [...imagesOf(tree), ...imagesInTexts(tree)]);
  return [...new Set(images)].filter((image) => image !== placeholder && !ownImages.some(({ name }) => name === image));
}

function imagesInTexts(tree: unknown, key = ''): readonly string[] {
  if (Array.isArray(tree)) return tree.flatMap((part) => imagesInTexts(part, key));
  if (isValues(tree)) return Object.entries(tree).flatMap(([inner, part]) => (inner === 'metadata' ? [] : imagesInTexts(part, inner)));
  if (typeof tree !== 'string' || tree.includes('\n')) return [];
  const [, image] = wholeImage.exec(tree.replace(/^-+/, '')) ?? [];
  if (image !== undefined) return [image];
  return locationKey.test(key) && location.test(tree) ? [tree.includes('/') ? tree : `${tree}/`] : [];
}

/** Looks whether every registry that images come from has a cache on the host, where machines reach only their host. */
export function imageRegistries(
  clusters: ReadonlyMap<string, Inventory>,
  upstreams: readonly Pick<ImageUpstream, 'registry'>[],
  /** Machines reach registries by themselves. */
  reachesInternet: boolean,
): Examination {
  const users = new Map<string, { readonly images: Set<string>; readonly releases: Set<string> }>();
  for (const [cluster, { releases }] of clusters)
    for (const { component, objects } of releases)
      for (const image of objects.flatMap(imagesNamedIn)) {
        const user = users.get(registryOf(image)) ?? { images: new Set(), releases: new Set() };
        users.set(registryOf(image), user);
        user.images.add(image);
        user.releases.add(`${cluster}/${component.id}`);
      }
  const without = [...users].filter(([registry]) => !upstreams.some((upstream) => upstream.registry === registry));
  const text = ([registry, { images, releases }]: (typeof without)[number]): string =>
    `images of ${registry} (${[...images].join(', ')}; ${[...releases].join(', ')}): the host has no cache of this registry; add it to imageUpstreams in config/sources.ts, or name the image in a registry that is there`;
  return {
    checked: [
      `images of ${counted(users.size, 'registry', 'registries')}: ${[...users.keys()].sort().join(', ')}; ${users.size - without.length} with a cache on the host${reachesInternet ? ', which these machines do not need' : ''}`,
    ],
    faults: reachesInternet ? [] : without.map((one) => ({ release: [...one[1].releases][0]!, text: text(one) })),
    notes: [],
    unchecked: [],
  };
}
