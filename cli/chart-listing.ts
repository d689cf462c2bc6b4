import { lockOf, pinnedCharts, readLock, usersOf } from '../artifacts/charts/lock';
import { findChart } from '../artifacts/charts/mirror';
import { table } from '../runner/progress/table';

/** Every chart of the catalog: its digest, whether it is here, and what needs it. */
export function listing(mirrors: readonly string[], asJson: boolean): string {
  const rows = lockOf(pinnedCharts(), readLock()).map((chart) => {
    const found = findChart(mirrors, chart);
    const here =
      found === null
        ? null
        : found.digest === null
          ? 'folder'
          : found.digest === chart.digest || chart.digest === null
            ? 'archive'
            : 'changed';
    return { ...chart, here, components: usersOf(chart) };
  });
  if (asJson) return JSON.stringify({ charts: rows }, null, 2);
  const lines = rows.map(({ name, version, repository, digest, here, components }) => [
    name,
    version,
    repository,
    digest === null ? '-' : `${digest.slice(0, 12)}…`,
    here ?? 'no',
    components.join(', '),
  ]);
  return table([['chart', 'version', 'repository', 'sha256', 'here', 'for'], ...lines]);
}
