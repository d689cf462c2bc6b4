/** One thing that a preparation makes once and keeps by content. Plain data. */
export interface Artifact {
  readonly id: string;
  readonly summary: string;
  /** The bash script that makes it, relative to the repository's root. It reads INPUT: {out, root, cache, cpus, needs: {id: folder}, settings}. */
  readonly script: string;
  /** Files and folders whose content decides the result, relative to the repository's root. The script itself always counts. */
  readonly inputs: readonly string[];
  /** Ids of the artifacts whose output folders the script reads. */
  readonly needs: readonly string[];
  /** What the script must know beyond its files; part of the key. */
  readonly settings?: unknown;
  /** True when Go compiles it: Go's version is then part of the key. */
  readonly usesGo?: boolean;
  /** How long it takes on 2 cores with empty caches, beside another one. Only the printed time to go depends on it. */
  readonly estimateSeconds: number;
  /** What a person looks at first when it fails. */
  readonly remedy: string;
  /** Named when this is a replacement for something that cannot be had offline. */
  readonly standInFor?: string;
  /** True for what machines and registries run from in place: never removed by age. */
  readonly usedInPlace?: boolean;
}

export interface PrepareEvent {
  /** waiting: another preparation holds the cache; `id` is then "lock". */
  readonly type: 'waiting' | 'start' | 'done' | 'cached' | 'failed';
  readonly id: string;
  readonly summary: string;
  readonly seconds?: number;
  readonly etaSeconds?: number;
  /** Path of the log, with start and failed. */
  readonly log?: string;
}

export interface MadeArtifact {
  readonly id: string;
  readonly key: string;
  readonly folder: string;
  /** How long it took to make, null when it was there already. */
  readonly seconds: number | null;
  readonly standInFor?: string;
}
