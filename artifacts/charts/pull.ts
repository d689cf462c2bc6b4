import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './helm';
import { chartKey, type LockedChart, otherThanLocked } from './lock';
import { archiveOf, digestOf } from './mirror';

export type Pulled =
  | { readonly chart: LockedChart; readonly result: 'there' | 'fetched'; readonly digest: string }
  | { readonly chart: LockedChart; readonly result: 'failed'; readonly why: string };

/** Brings one chart's archive into the mirror. An archive that somebody put there is taken as it is; both must be what the lock knows. */
export async function pull(helm: string, mirror: string, chart: LockedChart): Promise<Pulled> {
  const archive = archiveOf(mirror, chart);
  if (existsSync(archive)) return accept(chart, archive, 'there');
  mkdirSync(mirror, { recursive: true });
  const work = mkdtempSync(join(mirror, '.pulling-'));
  try {
    const { repository, name, version } = chart;
    const where = repository.startsWith('oci://') ? [`${repository}/${name}`] : [name, '--repo', repository];
    const { code, stderr } = await run(helm, ['pull', ...where, '--version', version, '--destination', work]);
    const [file] = readdirSync(work).filter((entry) => entry.endsWith('.tgz'));
    if (code !== 0 || file === undefined)
      return { chart, result: 'failed', why: stderr.trim().split('\n').at(-1) ?? `helm ended with ${code}` };
    const judged = accept(chart, join(work, file), 'fetched');
    if (judged.result !== 'failed') renameSync(join(work, file), archive);
    return judged;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function accept(chart: LockedChart, archive: string, result: 'there' | 'fetched'): Pulled {
  const digest = digestOf(archive);
  const why = otherThanLocked(digest, chart.digest);
  return why === null ? { chart, result, digest } : { chart, result: 'failed', why };
}

export const fetchedDigests = (pulled: readonly Pulled[]): ReadonlyMap<string, string> =>
  new Map(pulled.flatMap((one) => (one.result === 'failed' ? [] : [[chartKey(one.chart), one.digest]])));
