import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtOnce } from '../deployment/write-atomically';
import { anonymous } from './programs';
import type { Result, Verdict } from './step';

export interface Evidence {
  readonly flotilla: string;
  readonly began: string;
  readonly platform: string;
  readonly results: readonly Result[];
}

/** Writes `<name>.json` and `<name>.md`, without the name and the home of who ran it. Written anew after every step. @returns their paths */
export function writeEvidence(folder: string, name: string, evidence: Evidence): readonly [string, string] {
  mkdirSync(folder, { recursive: true });
  const files = [join(folder, `${name}.json`), join(folder, `${name}.md`)] as const;
  const texts = [`${JSON.stringify(evidence, null, 2)}\n`, markdown(evidence)];
  for (const [index, file] of files.entries()) writeAtOnce(file, anonymous(texts[index]!));
  return files;
}

export const mark: Readonly<Record<Verdict, string>> = { ok: '✓', failed: '✗', skipped: '–', 'not on this host': '·' };

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');

function markdown({ flotilla, began, platform, results }: Evidence): string {
  const rows = results.map(({ id, shows, verdict, found, seconds }) =>
    ['', `${mark[verdict]} ${verdict}`, id, cell(shows), cell(found), seconds.toFixed(1), ''].join(' | ').trim(),
  );
  const details = results
    .filter(({ verdict }) => verdict === 'failed')
    .flatMap(({ id, remedy, commands }) => [
      `## ${id}`,
      '',
      ...(remedy === '' ? [] : [`What to do: ${remedy}`, '']),
      ...commands.flatMap(({ line, code, stdout, stderr }) => [
        '```',
        `$ ${line}`,
        `${stdout}${stderr}`.trimEnd(),
        `exit code ${code}`,
        '```',
        '',
      ]),
    ]);
  return [
    `# Self-test of Flotilla ${flotilla}, ${began}, ${platform}`,
    '',
    '| verdict | step | what it shows | found | seconds |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...details,
  ].join('\n');
}
