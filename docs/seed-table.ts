import { made, markdown } from './markdown';
import { seedFiles } from './seed-rows';

/** Where a fleet does otherwise than the system that it realizes, and why; and what is not here yet. */
export function seedTable(): string {
  const sections = seedFiles().flatMap(({ fleet, seeds, rows }) => {
    const differing = rows.filter(({ instead }) => instead !== undefined);
    const later = rows.filter((row) => row.later !== undefined);
    return [
      `## ${fleet}`,
      '',
      `${seeds} ${rows.length - differing.length - later.length} of ${rows.length} things that they say are here as they say them.`,
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
    'The fleets `tart`, `kind` and `trio` realize three systems that were described before this project, the seeds 000 to 004. Each thing that they say is a row of a file below `docs/seeds/`; a test looks up what is here as they say it, and this page lists the rest.',
    '',
    ...sections,
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
