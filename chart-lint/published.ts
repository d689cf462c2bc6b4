import type { ChartPin, LockedChart } from '../artifacts/charts/lock';
import { counted, type Examination } from './examination';
import { compareVersions, type KnownVersions, knownVersions } from './repository-index';

/** A chart of the fleet, and the first release that uses it. */
export interface UsedChart {
  readonly chart: ChartPin;
  readonly release: string;
}

/** How the lock knows that a version is published: by an archive that was fetched, an index, or a tag that upstream's workflow pushes. */
type Confirmed = 'archive' | 'index' | 'tag';
type Locked = Pick<LockedChart, keyof ChartPin | 'digest'> & { readonly confirmed?: { readonly by: Confirmed } | null };

/** Looks whether each chart is published where its component says: by an index of the repository, else by the digest in the lock. */
export function publishedCharts(used: readonly UsedChart[], locked: readonly Locked[], mirrors: readonly string[]): Examination {
  const verdicts = used.map(({ chart, release }) => ({ chart, release, ...judge(chart, locked, knownVersions(mirrors, chart)) }));
  const by = (evidence: Evidence) => verdicts.filter((one) => one.evidence === evidence).length;
  const unknown = verdicts.filter(({ evidence }) => evidence === 'none');
  return {
    checked: [
      `${counted(used.length, 'chart')}: ${by('own-index')} published by an index in the folder of charts; by charts/lock.json ${by('index')} listed in an index, ${by('archive')} fetched, ${by('tag')} pushed from a tag`,
    ],
    faults: verdicts.flatMap(({ release, fault }) => (fault === undefined ? [] : [{ release, text: fault }])),
    notes: [],
    unchecked: [...new Set(unknown.map(({ why }) => why))].map(
      (why) =>
        `not known to be published: ${unknown
          .filter((one) => one.why === why)
          .map(({ chart }) => `${chart.name} ${chart.version} (${chart.repository})`)
          .join(', ')}: ${why}`,
    ),
  };
}

type Evidence = 'own-index' | Confirmed | 'none' | 'contradicted';

interface Verdict {
  readonly evidence: Evidence;
  readonly fault?: string;
  readonly why?: string;
}

function judge(chart: ChartPin, locked: readonly Locked[], known: KnownVersions | null): Verdict {
  const lock = locked.find(
    ({ name, version, repository }) => name === chart.name && version === chart.version && repository === chart.repository,
  );
  const digest = lock?.digest ?? null;
  if (known?.versions.has(chart.version)) {
    const listed = known.versions.get(chart.version) ?? null;
    if (digest === null || listed === null || digest === listed) return { evidence: 'own-index' };
    return {
      evidence: 'contradicted',
      fault: `${named(chart)}: ${known.file} has sha256 ${listed.slice(0, 12)}…, charts/lock.json ${digest.slice(0, 12)}…; find out which archive is the released one`,
    };
  }
  const newest = known === null ? undefined : [...known.versions.keys()].sort(compareVersions).at(-1);
  // An index that ends before the version is older than the version.
  if (newest !== undefined && compareVersions(chart.version, newest) < 0)
    return {
      evidence: 'contradicted',
      fault: `${named(chart)} is not published at ${chart.repository}: ${known!.file} has ${nearest(chart.version, known!)} and not this version; pin a version that is there`,
    };
  const confirmed = lock?.confirmed?.by ?? (digest === null ? null : 'archive');
  if (confirmed !== null) return { evidence: confirmed };
  const why =
    known === null
      ? 'no index of these repositories is in the folder of charts, and charts/lock.json does not know it'
      : `${known.file} ends with ${newest ?? 'no version of it'}, and charts/lock.json does not know it`;
  return { evidence: 'none', why };
}

const named = ({ name, version }: ChartPin): string => `chart ${name} ${version}`;

/** The versions beside the one that is missing. */
function nearest(version: string, { versions }: KnownVersions): string {
  const sorted = [...versions.keys()].sort(compareVersions);
  const above = sorted.findIndex((one) => compareVersions(one, version) > 0);
  return sorted.slice(Math.max(0, above - 1), above + 2).join(', ');
}
