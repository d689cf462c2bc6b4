import type { Loose } from '../../../chart-lint/contracts';
import { queriesOf } from '../../../chart-lint/queries';
import { parsedQueries, queryCheck } from '../../../chart-lint/query-check';
import { configMap, fleet } from '../../chart-lint/rendered';
import { queryCheckHere } from '../../support/programs-here';

const whenBuilt = queryCheckHere === null ? describe.skip : describe;
const refused = async (...objects: readonly Loose[]) =>
  (await parsedQueries(queriesOf(fleet(...objects)), { parse: queryCheck(queryCheckHere!) })).faults;

const variable = { name: 'cluster', type: 'query', includeAll: true, allValue: '.*', current: { value: ['$__all'] } };
const logs = (expr: string) =>
  configMap({
    'logs.json': JSON.stringify({
      title: 'Logs',
      templating: { list: [variable] },
      panels: [{ title: 'Lines', datasource: { type: 'loki' }, targets: [{ expr }] }],
    }),
  });
const rule = (expr: string) => ({
  kind: 'PrometheusRule',
  metadata: { name: 'a' },
  spec: { groups: [{ rules: [{ alert: 'Down', expr }] }] },
});

whenBuilt("with Prometheus' and Loki's own parsers", () => {
  test('queries that both take pass', async () =>
    expect(await refused(logs('{service_name=~".+",cluster=~"$cluster"} |~ "(?i)"'), rule('sum by (a) (rate(up[5m])) > 1'))).toEqual([]));

  test('mutation: a selector of logs that matches everything while All is chosen is refused', async () =>
    expect(await refused(logs('{cluster=~"$cluster",namespace=~"$cluster"} |~ "(?i)"'))).toEqual([
      {
        release: 'hub/shop',
        text: expect.stringMatching(/^panel "Lines" of logs\.json: LogQL refuses .*at least one regexp or equality matcher/),
      },
    ]));

  test('mutation: a rule with an open parenthesis is refused', async () =>
    expect(await refused(rule('sum by (a) (up'))).toEqual([
      { release: 'hub/shop', text: expect.stringMatching(/^rule Down: PromQL refuses .*unclosed left parenthesis/) },
    ]));
});
