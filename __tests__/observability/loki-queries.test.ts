import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, root } from '../support/fleet-fixture';

const folder = join(root, 'components/files/dashboards');

/** Every Loki query of a dashboard, with its variables filled in. */
function lokiQueries(dashboard: Json, pick: (variable: Json) => string): string[] {
  const variables: Json[] = dashboard.templating?.list ?? [];
  const fill = (expression: string) =>
    variables.reduce(
      (text, one) => text.replaceAll(new RegExp(`\\$(\\{${one.name}(:\\w+)?\\}|${one.name}\\b)`, 'g'), pick(one)),
      expression,
    );
  const inside = (value: Json): string[] => {
    if (Array.isArray(value)) return value.flatMap(inside);
    if (value === null || typeof value !== 'object') return [];
    const queries = (value.targets ?? [])
      .filter((target: Json) => (target.datasource ?? value.datasource)?.type === 'loki')
      .map(({ expr }: Json) => fill(expr));
    return [...queries, ...Object.entries(value).flatMap(([key, inner]) => (key === 'targets' ? [] : inside(inner as Json)))];
  };
  return inside(dashboard);
}

/** The value of a variable in its widest state: All, or its default where it is a text field. */
const widest = (variable: Json): string => variable.allValue ?? (variable.includeAll ? '.*' : (variable.query ?? ''));

/**
 * Selectors that Loki rejects: "queries require at least one regexp or equality matcher that does not have an empty-compatible value". Negations do not count.
 */
function rejected(query: string): string[] {
  const text = query.replaceAll(/\|[~=]\s*"(\\.|[^"\\])*"/g, '');
  const selectors = text.match(/\{[^{}]*\}/g) ?? [];
  const matchers = /([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:\\.|[^"\\])*)"/g;
  return selectors.filter(
    (selector) =>
      ![...selector.matchAll(matchers)].some(([, , operator, value]) =>
        operator === '=' ? value !== '' : operator === '=~' && !new RegExp(`^(?:${value})$`).test(''),
      ),
  );
}

const dashboards = readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))] as [string, Json]);

test.each(dashboards)('every Loki query of %s has a selector that Loki accepts, with every variable at All', (_, dashboard) => {
  expect(lokiQueries(dashboard, widest).flatMap(rejected)).toEqual([]);
});

test('the dashboards have Loki queries', () => {
  expect(dashboards.flatMap(([, dashboard]) => lokiQueries(dashboard, widest)).length).toBeGreaterThanOrEqual(4);
});

test('mutation: without the matcher on service_name Loki rejects every log panel', () => {
  const mutated = dashboards
    .flatMap(([, dashboard]) => lokiQueries(dashboard, widest))
    .map((query) => query.replace('service_name=~".+",', ''));
  expect(mutated.filter((query) => rejected(query).length === 1)).toHaveLength(mutated.length);
});

test.each<[string, number]>([
  ['{a=~".*",b=~".*"} |~ "(?i)"', 1],
  ['{a=~".*",service_name=~".+"} |~ "(?i)"', 0],
  ['{a=""}', 1],
  ['{a="x"}', 0],
  ['{a!="x"}', 1],
  ['{a=~"x|"}', 1],
  ['sum(rate({a=~".*"}[5m])) / sum(rate({a=~".+"}[5m]))', 1],
  ['{a="x"} |~ "b={}"', 0],
])('%s has %i selectors that Loki rejects', (query, count) => expect(rejected(query)).toHaveLength(count));
