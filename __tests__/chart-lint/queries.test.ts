import { existsSync } from 'node:fs';
import { defaultValue, substituted, substitutionOf } from '../../chart-lint/dashboard-variables';
import { type Query, queriesOf } from '../../chart-lint/queries';
import { parsedQueries, queryCheck } from '../../chart-lint/query-check';
import { configMap, fleet } from './rendered';

const loki = { type: 'loki', uid: 'logs' };
const variables = [
  {
    name: 'cluster',
    type: 'query',
    includeAll: true,
    allValue: '.*',
    current: { value: ['$__all'] },
    datasource: { type: 'prometheus' },
    query: 'label_values(up{a="b"}, cluster)',
  },
  { name: 'search', type: 'textbox', query: '', current: { value: '' } },
  { name: 'source', type: 'datasource', query: 'tempo' },
];
const dashboard = (...targets: readonly object[]) => ({
  title: 'Logs',
  templating: { list: variables },
  annotations: { list: [{ name: 'Deployments', datasource: { type: 'prometheus' }, expr: 'changes(x[$__interval])' }] },
  panels: [{ title: 'row', type: 'row', panels: [{ title: 'Lines', datasource: loki, targets }] }],
});
const found = (...targets: readonly object[]): readonly Query[] =>
  queriesOf(fleet(configMap({ 'logs.json': JSON.stringify(dashboard(...targets)), 'notes.txt': 'no dashboard' })));

test.each([
  ['All with its own value', { includeAll: true, allValue: '.*', current: { value: ['$__all'] } }, '.*'],
  ['All without one: every choice', { includeAll: true, current: { value: '$__all' } }, '(value|value-2)'],
  ['All where nothing was chosen', { includeAll: true, allValue: '.+' }, '.+'],
  ['several', { current: { value: ['a', 'b'] } }, '(a|b)'],
  ['one', { current: { value: 'a' } }, 'a'],
  ['the first of a list', { type: 'custom', query: '5m, 1h' }, '5m'],
  ['an empty text', { type: 'textbox', query: '', current: { value: '' } }, ''],
  ['what only Grafana knows', { type: 'query', query: 'label_values(up)' }, 'value'],
])('a variable stands for %s', (_, variable, value) => expect(defaultValue(variable)).toBe(value));

test('variables are put in in every form, and what is none stays', () => {
  const { query, undefinedNames } = substituted(
    '{a=~"$cluster",b=~"${cluster:regex}",c="[[cluster]]"} |~ "x$" [$__rate_interval] $1 $other',
    substitutionOf(variables),
  );
  expect(query).toBe('{a=~".*",b=~".*",c=".*"} |~ "x$" [5m] $1 $other');
  expect(undefinedNames).toEqual(['other']);
});

test('queries of panels in rows, annotations, variables, rules and autoscalers are found, as they will be sent', () => {
  const rule = { kind: 'PrometheusRule', metadata: { name: 'a' }, spec: { groups: [{ rules: [{ alert: 'Down', expr: 'up == 0' }] }] } };
  const scaler = {
    kind: 'ScaledObject',
    metadata: { name: 'web' },
    spec: { triggers: [{ type: 'prometheus', metadata: { query: 'sum(x)' } }, { type: 'cron' }] },
  };
  const all = [
    ...found(
      { expr: '{a=~"$cluster"}' },
      { datasource: { type: 'tempo', uid: 'traces' }, query: '{}' },
      { datasource: { uid: '$source' }, query: '{ x }' },
    ),
    ...queriesOf(fleet(rule, scaler)),
  ];
  expect(all.map(({ language, query, place }) => [language, query, place])).toEqual([
    ['logql', '{a=~".*"}', 'panel "Lines" of logs.json'],
    ['traceql', '{}', 'panel "Lines" of logs.json'],
    ['traceql', '{ x }', 'panel "Lines" of logs.json'],
    ['promql', 'changes(x[1m])', 'annotation "Deployments" of logs.json'],
    ['promql', 'up{a="b"}', 'variable cluster of logs.json'],
    ['promql', 'up == 0', 'rule Down'],
    ['promql', 'sum(x)', 'ScaledObject web'],
  ]);
});

test('queries that nothing here can parse are said, with why, and are not counted as parsed', async () => {
  const queries = found({ expr: '{a="b"}' }, { datasource: { type: 'tempo', uid: 'traces' }, query: '{}' });
  const { checked, faults, unchecked } = await parsedQueries(queries, { missing: 'there is no Go' });
  expect({ checked, faults }).toEqual({ checked: [], faults: [] });
  expect(unchecked).toEqual([
    "1 query in TraceQL not parsed: the Go module proxy does not serve Tempo's module, which has the parser",
    '3 queries of dashboards and rules not parsed: there is no Go',
  ]);
});

test('mutation: a variable that nothing defines, and a query that its parser refuses, are faults of their release', async () => {
  const queries = found({ expr: '{a=~"$nobody"}' });
  const parse = async (questions: readonly { readonly language: string }[]) =>
    questions.map(({ language }) => (language === 'logql' ? 'parse error' : null));
  const { faults, checked } = await parsedQueries(queries, { parse });
  expect(faults).toEqual([
    { release: 'hub/shop', text: 'panel "Lines" of logs.json: nothing defines the variable $nobody' },
    { release: 'hub/shop', text: 'panel "Lines" of logs.json: LogQL refuses {a=~"$nobody"}: parse error' },
  ]);
  expect(checked).toEqual(['3 queries of dashboards, rules and autoscalers parsed, 2 in PromQL, 1 in LogQL']);
});

test('a parser that does not answer every query is an error', async () => {
  expect(existsSync('/bin/true')).toBe(true);
  await expect(queryCheck('/bin/true')([{ language: 'promql', query: 'up' }])).rejects.toThrow('answered 0 of 1 queries');
});
