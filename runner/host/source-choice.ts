import { type Source, type SourceChoice, type SourceKind, sourceKinds } from '../../config/sources';

/** What the choice depends on; given, so that it can be tested. */
export interface ChoiceFacts {
  /** By FLOTILLA_SOURCES or the fleet file. */
  readonly told: Partial<SourceChoice>;
  /** What the deployment was made from, `null` for a new one. */
  readonly recorded: SourceChoice | null;
  /** `null`: the official hosts of that kind answer; else which one does not, and why. Asked only when it matters. */
  readonly unreachable: (kind: SourceKind) => string | null;
  /** `null`: it can be made here; else why not. */
  readonly unbuildable: (kind: SourceKind) => string | null;
}

/** Where one kind comes from, and why. */
export interface SourceDecision {
  readonly kind: SourceKind;
  readonly source: Source;
  readonly why: string;
  readonly verdict: 'ok' | 'warning' | 'fault';
  /** What to do about it; empty when nothing is to be done. */
  readonly remedy: string;
}

/** Official where it is reachable, offline where not; what a person told or what the deployment began with goes before. */
export function chooseSources(facts: ChoiceFacts): readonly SourceDecision[] {
  const decided = sourceKinds.map((kind) => decide(kind, facts));
  return keepTogether(decided, facts);
}

export const choiceOf = (decisions: readonly SourceDecision[]): SourceChoice =>
  Object.fromEntries(decisions.map(({ kind, source }) => [kind, source])) as Record<SourceKind, Source>;

function decide(kind: SourceKind, facts: ChoiceFacts): SourceDecision {
  const { told, recorded, unreachable, unbuildable } = facts;
  if (told[kind] !== undefined) return decideTold(kind, told[kind], facts);
  if (recorded !== null) return asRecorded(kind, recorded[kind], facts);
  const silence = unreachable(kind);
  if (silence === null) return { kind, source: 'official', why: 'reachable', verdict: 'ok', remedy: '' };
  const hindrance = unbuildable(kind);
  if (hindrance === null) return { kind, source: 'offline', why: `official not reachable (${silence})`, verdict: 'ok', remedy: '' };
  return {
    kind,
    source: 'official',
    why: `official not reachable (${silence}), and offline cannot make it: ${hindrance}`,
    verdict: 'fault',
    remedy: 'give this host a way to that address (a proxy goes into HTTPS_PROXY), or what offline lacks',
  };
}

function decideTold(kind: SourceKind, source: Source, { recorded, unreachable, unbuildable }: ChoiceFacts): SourceDecision {
  const hindrance = source === 'official' ? unreachable(kind) : unbuildable(kind);
  const before = recorded?.[kind];
  const changes = before !== undefined && before !== source;
  const why = `set by FLOTILLA_SOURCES or the fleet file${changes ? `; this deployment began with ${before}` : ''}`;
  if (hindrance !== null) {
    const other = source === 'official' ? 'offline' : 'official';
    const fault = { kind, source, why: `${why}, but ${hindrance}`, remedy: `FLOTILLA_SOURCES=${kind}=${other}, or leave it out` };
    // What a deployment has already fetched stays good without a network.
    return { ...fault, verdict: recorded === null || changes ? 'fault' : 'warning' };
  }
  const remedy =
    changes && kind === 'packages' ? 'nodes keep their Kubernetes patch: replace them one by one, or leave FLOTILLA_SOURCES out' : '';
  return { kind, source, why, verdict: remedy === '' ? 'ok' : 'warning', remedy };
}

function asRecorded(kind: SourceKind, source: Source, { unreachable }: ChoiceFacts): SourceDecision {
  const why = 'as when this deployment was made';
  const silence = source === 'official' ? unreachable(kind) : null;
  if (silence === null) return { kind, source, why, verdict: 'ok', remedy: '' };
  const remedy = 'what is here already works; what is new cannot be fetched until that host answers';
  return { kind, source, why: `${why}; not reachable now (${silence})`, verdict: 'warning', remedy };
}

/** The images that offline makes are of one Kubernetes patch only, so official packages want official images. */
function keepTogether(decisions: readonly SourceDecision[], { told, recorded, unbuildable }: ChoiceFacts): readonly SourceDecision[] {
  const { packages, images } = choiceOf(decisions);
  const isSettled = decisions.some(({ kind, verdict }) => kind === 'packages' && verdict === 'fault');
  if (packages !== 'official' || images !== 'offline' || isSettled) return decisions;
  const isFree = told.packages === undefined && recorded === null;
  const hindrance = unbuildable('packages');
  const settled: Partial<SourceDecision> =
    isFree && hindrance === null
      ? { source: 'offline', why: 'reachable, but images are offline, which fit offline packages only', verdict: 'ok', remedy: '' }
      : {
          why: 'official packages need official images: offline ones are of another Kubernetes patch',
          verdict: 'fault',
          remedy: 'FLOTILLA_SOURCES=packages=official,images=official, or offline for both',
        };
  return decisions.map((decision) => (decision.kind === 'packages' ? { ...decision, ...settled } : decision));
}
