import { relative } from 'node:path';
import { helmRender } from '../artifacts/charts/helm';
import { conform } from '../chart-lint/conform';
import { conformTools, helmProgram, queryParser } from '../chart-lint/programs';
import { type Verification, verifyCharts } from '../chart-lint/verify';
import type { Deployment } from '../runner/deployment/deployment';
import { mirrorsOf } from '../runner/deployment/staged-charts';

interface Options {
  readonly mirror?: string;
  readonly complete?: boolean;
  readonly json?: boolean;
}

/** Verifies the charts of a fleet and says what came of it. @returns the exit code */
export async function verification(deployment: Deployment, options: Options): Promise<number> {
  const mirrors = mirrorsOf(deployment, options.mirror);
  const helm = await helmProgram();
  const tools = await conformTools();
  const found = await verifyCharts({
    model: deployment.model,
    mirrors,
    render: helmRender(helm),
    conform: (inputs, definitions) => conform(inputs, tools, definitions),
    queryParser: await queryParser(),
    ...(process.stderr.isTTY ? { progress: (release: string) => process.stderr.write(`\r\x1b[K${release} `) } : {}),
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(
    options.json
      ? JSON.stringify({ fleet: deployment.model.fleet, mirrors, ...found }, null, 2)
      : said(found, deployment.model.fleet, mirrors),
  );
  return found.findings.length > 0 || (options.complete && found.unchecked.length > 0) ? 1 : 0;
}

const words = {
  render: 'does not render',
  ghost: 'ghost value',
  image: 'image',
  object: 'object',
  collision: 'asked for twice',
  promise: 'not so',
  archive: 'archive',
  unpublished: 'not published',
  registry: 'registry',
  query: 'query',
  'phone-home': 'phones home',
  sum: 'sum',
} as const;

/** What was not checked comes last, where it is seen. */
export function said(
  { findings, rendered, valid, checked, notes, unchecked }: Verification,
  fleet: string,
  mirrors: readonly string[],
): string {
  const where = mirrors.map((mirror) => relative(process.cwd(), mirror) || '.').join(', ') || 'no folder';
  return [
    ...findings.map(({ release, kind, text }) => `✗ ${release}: ${words[kind]}: ${text.replaceAll('\n', '\n    ')}`),
    ...notes.map((line) => `note: ${line}`),
    ...checked.map((line) => `checked: ${line}`),
    `${fleet}: ${rendered} releases rendered with charts of ${where}, ${valid} objects as their schemas want them, ${findings.length} faults, ${unchecked.length} things not checked`,
    ...(rendered === 0 ? ['NO CHART IS HERE: what Flotilla sends to charts was not checked at all'] : []),
    ...unchecked.map((line) => `NOT CHECKED: ${line}`),
  ].join('\n');
}
