import { run } from '../artifacts/charts/helm';
import { counted, type Examination, nothingExamined } from './examination';
import type { Query, QueryLanguage } from './queries';

export interface Question {
  readonly language: QueryLanguage;
  readonly query: string;
}

/** Parses queries, in their order: what is wrong with each, or `null`. */
export type ParseQueries = (questions: readonly Question[]) => Promise<readonly (string | null)[]>;

/** Whether queries can be parsed here. */
export type QueryParser = { readonly parse: ParseQueries } | { readonly missing: string };

/** With the program of `artifacts/sources/query-check`. */
export const queryCheck =
  (program: string): ParseQueries =>
  async (questions) => {
    const { code, stdout, stderr } = await run(program, [], questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
    const answers = stdout.split('\n').filter((line) => line !== '');
    if (code !== 0 || answers.length !== questions.length)
      throw new Error(`query-check answered ${answers.length} of ${questions.length} queries: ${stderr.trim()}`);
    return answers.map((line) => (JSON.parse(line) as { error: string }).error || null);
  };

/** Which parsers there are, and why one is missing. */
const parsers: Readonly<Record<QueryLanguage, { readonly name: string; readonly missing: string | null }>> = {
  promql: { name: 'PromQL', missing: null },
  logql: { name: 'LogQL', missing: null },
  traceql: { name: 'TraceQL', missing: "the Go module proxy does not serve Tempo's module, which has the parser" },
};

/** Has the programs' own parsers read every query. */
export async function parsedQueries(queries: readonly Query[], parser: QueryParser): Promise<Examination> {
  const faults = queries.flatMap(({ release, place, undefinedNames }) =>
    undefinedNames.map((name) => ({ release, text: `${place}: nothing defines the variable $${name}` })),
  );
  const unparsed = queries.filter(({ language }) => parsers[language].missing !== null);
  const unchecked = [...new Set(unparsed.map(({ language }) => language))].map((language) => {
    const count = unparsed.filter((query) => query.language === language).length;
    return `${counted(count, 'query', 'queries')} in ${parsers[language].name} not parsed: ${parsers[language].missing}`;
  });
  const parsed = queries.filter(({ language }) => parsers[language].missing === null);
  if (parsed.length === 0) return { ...nothingExamined, faults, unchecked };
  if ('missing' in parser) {
    return {
      ...nothingExamined,
      faults,
      unchecked: [...unchecked, `${counted(parsed.length, 'query', 'queries')} of dashboards and rules not parsed: ${parser.missing}`],
    };
  }
  const answers = await parser.parse(parsed.map(({ language, query }) => ({ language, query })));
  const wrong = parsed.flatMap(({ release, place, language, query }, index) => {
    const error = answers[index];
    return error ? [{ release, text: `${place}: ${parsers[language].name} refuses ${query}: ${error}` }] : [];
  });
  const sums = (['promql', 'logql'] as const).map(
    (language) => `${parsed.filter((query) => query.language === language).length} in ${parsers[language].name}`,
  );
  return {
    checked: [`${counted(parsed.length, 'query', 'queries')} of dashboards, rules and autoscalers parsed, ${sums.join(', ')}`],
    faults: [...faults, ...wrong],
    notes: [],
    unchecked,
  };
}
