/** Images that pods would run, and why one of them must not be. */
export interface ImageFault {
  readonly image: string;
  readonly why: string;
}

const gone: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/(^|\/)bitnami\//, 'Bitnami keeps no versions of it any more'],
  [/(^|\/)bitnamilegacy\//, 'it is frozen, nobody mends it'],
  [/(^|\/)minio\/minio([:@]|$)/, 'MinIO has deleted its images'],
];

/** Every text below a key `image`, wherever it stands. */
export function imagesOf(tree: unknown): readonly string[] {
  if (Array.isArray(tree)) return tree.flatMap(imagesOf);
  if (tree === null || typeof tree !== 'object') return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    key === 'image' && typeof value === 'string' && value !== '' ? [value] : imagesOf(value),
  );
}

export function imageFaults(images: readonly string[]): readonly ImageFault[] {
  return [...new Set(images)].flatMap((image) => {
    const why = gone.find(([pattern]) => pattern.test(image))?.[1] ?? tagFault(image);
    return why === null ? [] : [{ image, why }];
  });
}

/** Not an image: Istio's injector puts its own there. */
const placeholder = 'auto';

function tagFault(image: string): string | null {
  if (image === placeholder || image.includes('@sha256:')) return null;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  if (tag === undefined) return 'without a tag it is :latest, which is another image every day';
  return tag === 'latest' ? 'it is another image every day' : null;
}
