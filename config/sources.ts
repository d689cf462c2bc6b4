import { nearest } from './nearest';
import { UserError } from './problem';

/** official: the projects' own downloads; offline: made here from pinned sources of package registries. */
export const sources = ['official', 'offline'] as const;
export type Source = (typeof sources)[number];

/** What has to come from somewhere: programs on the nodes, pod images, Helm charts, Terraform providers. */
export const sourceKinds = ['packages', 'images', 'charts', 'providers'] as const;
export type SourceKind = (typeof sourceKinds)[number];

export type SourceChoice = Readonly<Record<SourceKind, Source>>;

/** Sources that a person names, for some kinds or all. */
export type SourceWish = { readonly [Kind in SourceKind]?: Source | undefined };

export const everyKindFrom = (source: Source): SourceChoice => ({ packages: source, images: source, charts: source, providers: source });

/**
 * What a person told by FLOTILLA_SOURCES: one source for all kinds, `kind=source` for one, later words win.
 * @throws UserError with every word that is wrong
 */
export function readToldSources(text: string | undefined): Partial<SourceChoice> {
  const told: Partial<Record<SourceKind, Source>> = {};
  const wrong: string[] = [];
  for (const word of (text ?? '').split(',').flatMap((part) => part.trim() || [])) {
    const [left, right] = word.includes('=') ? (word.split('=', 2) as [string, string]) : [null, word];
    const kinds = left === null ? sourceKinds : sourceKinds.filter((kind) => kind === left);
    const source = sources.find((known) => known === right);
    if (kinds.length === 0) wrong.push(`"${word}": "${left}" is no kind; ${suggest(left!, sourceKinds)}`);
    else if (source === undefined) wrong.push(`"${word}": "${right}" is no source; ${suggest(right, sources)}`);
    else for (const kind of kinds) told[kind] = source;
  }
  if (wrong.length === 0) return told;
  throw new UserError(`FLOTILLA_SOURCES="${text}": ${wrong.join('; ')}; for example FLOTILLA_SOURCES=offline,charts=official`);
}

const suggest = (word: string, known: readonly string[]): string => {
  const close = nearest(word, known);
  return close === null ? `write one of ${known.join(', ')}` : `write ${close}`;
};

/** A registry that pods name images of, and the port of the host's cache in front of it. */
export interface ImageUpstream {
  /** As it stands in image names. */
  readonly registry: string;
  /** Where it really answers. */
  readonly remote: string;
  readonly port: number;
}

/**
 * Registries whose images a machine that reaches only its host can still pull. One process each: the registry program caches one remote. Every image of every
 * component comes from one of these (image-registries.test.ts); where a chart names a different registry, its values replace it.
 */
export const imageUpstreams: readonly ImageUpstream[] = Object.freeze([
  { registry: 'registry.k8s.io', remote: 'https://registry.k8s.io', port: 5051 },
  { registry: 'docker.io', remote: 'https://registry-1.docker.io', port: 5052 },
  { registry: 'quay.io', remote: 'https://quay.io', port: 5053 },
  { registry: 'ghcr.io', remote: 'https://ghcr.io', port: 5054 },
  // Goldilocks.
  { registry: 'us-docker.pkg.dev', remote: 'https://us-docker.pkg.dev', port: 5055 },
  // Istio, since 1.30.
  { registry: 'registry.istio.io', remote: 'https://registry.istio.io', port: 5056 },
]);
