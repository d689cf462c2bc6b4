import { made, markdown } from './markdown';
import { featuresOf, type SeedRow, seedFiles } from './seed-rows';

/** Where a fleet does otherwise than the system that it realizes, and why; and what is not here yet. */
export function seedTable(): string {
  const sections = seedFiles().flatMap(({ fleet, seeds, rows }) => {
    const differing = rows.filter(({ instead }) => instead !== undefined);
    const later = rows.filter((row) => row.later !== undefined);
    return [
      `## ${fleet}`,
      '',
      `${seeds} Of ${count(rows)} features, ${count(rows) - count(differing) - count(later)} are here as specified, ${count(differing)} are here in another way or left out on purpose, and ${count(later)} are not here yet.`,
      '',
      ...markdown(
        ['they say', 'here', 'because', 'part'],
        differing.map(({ seed, says, instead, because }) => [says, instead!, because ?? '', seed].map(cell)),
      ),
      '',
      ...(later.length === 0 ? [] : ['Not here yet:', '', ...later.map((row) => `- ${row.says} (${row.seed}): ${row.later}`), '']),
    ];
  });
  return [
    made,
    '# Where we differ from the seeds',
    '',
    'The fleets `tart`, `kind` and `trio` realize three systems that were specified before this project, in five documents: the seeds 000 to 004. Rows of the files below `docs/seeds/` list their features, numbers and documents. A test looks up what is here as specified; this page lists the rest. Reading lists, learning goals and ideas for extensions are no rows.',
    '',
    'One feature is one bullet, one line of a table or one setting of a seed, whether it is here or not; where a row names several, they stand between semicolons and each counts.',
    '',
    ...sections,
  ].join('\n');
}

const count = (rows: readonly SeedRow[]): number => rows.reduce((sum, row) => sum + featuresOf(row), 0);

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
