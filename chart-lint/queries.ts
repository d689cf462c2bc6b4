import { at } from '../model/contracts/objects';
import type { Inventory, Loose } from './contracts';
import { listAt } from './contracts/inventory';
import { substituted, substitutionOf } from './dashboard-variables';
import { embeddedFiles } from './embedded';

export type QueryLanguage = 'promql' | 'logql' | 'traceql';

/** A query that some program will be asked, as it will be asked. */
export interface Query {
  readonly release: string;
  /** For people: `panel "Errors" of logs.json`. */
  readonly place: string;
  readonly language: QueryLanguage;
  readonly query: string;
  /** Variables in it that nothing defines. */
  readonly undefinedNames: readonly string[];
}

const languages: Readonly<Record<string, QueryLanguage>> = { prometheus: 'promql', loki: 'logql', tempo: 'traceql' };

/** Every query of dashboards, of rules and of autoscalers in the fleet. */
export const queriesOf = (clusters: ReadonlyMap<string, Inventory>): readonly Query[] =>
  [...clusters].flatMap(([cluster, { releases }]) =>
    releases.flatMap(({ component, objects }) => objects.flatMap((object) => queriesIn(object, `${cluster}/${component.id}`))),
  );

function queriesIn(object: Loose, release: string): readonly Query[] {
  const asked = (place: string, query: unknown): readonly Query[] =>
    query === undefined ? [] : [{ release, place, language: 'promql', query: String(query), undefinedNames: [] }];
  switch (object.kind) {
    case 'PrometheusRule':
      return listAt(object, 'spec', 'groups').flatMap((group) =>
        listAt(group, 'rules').flatMap((rule) => asked(`rule ${String(at(rule, 'alert') ?? at(rule, 'record'))}`, at(rule, 'expr'))),
      );
    case 'ScaledObject':
      return listAt(object, 'spec', 'triggers').flatMap((trigger) =>
        at(trigger, 'type') === 'prometheus' ? asked(`ScaledObject ${name(object)}`, at(trigger, 'metadata', 'query')) : [],
      );
    default:
      return embeddedFiles(object).flatMap(({ key, tree }) => (isDashboard(tree) ? queriesOfDashboard(tree, key, release) : []));
  }
}

const name = (object: Loose): string => String(at(object, 'metadata', 'name'));

const isDashboard = (tree: unknown): boolean => Array.isArray(at(tree, 'panels')) && at(tree, 'title') !== undefined;

/** Queries of a dashboard as Grafana sends them when it is opened. */
export function queriesOfDashboard(dashboard: unknown, file: string, release: string): readonly Query[] {
  const variables = listAt(dashboard, 'templating', 'list');
  const value = substitutionOf(variables);
  const sourceTypes = new Map(
    variables.filter((one) => at(one, 'type') === 'datasource').map((one) => [at(one, 'name'), at(one, 'query')]),
  );
  const language = (source: unknown): QueryLanguage | undefined => {
    const type = String(at(source, 'type') ?? '');
    const variable = /^\$\{?(\w+)\}?$/.exec(String(at(source, 'uid') ?? source))?.[1];
    return languages[type] ?? languages[String(sourceTypes.get(variable))];
  };
  const asked = (place: string, source: unknown, query: unknown): readonly Query[] => {
    const spoken = language(source);
    if (spoken === undefined || typeof query !== 'string' || query === '') return [];
    return [{ release, place: `${place} of ${file}`, language: spoken, ...substituted(query, value) }];
  };
  return [
    ...panelsOf(dashboard).flatMap((panel) =>
      listAt(panel, 'targets').flatMap((target) =>
        asked(
          `panel "${String(at(panel, 'title'))}"`,
          at(target, 'datasource') ?? at(panel, 'datasource'),
          at(target, 'expr') ?? at(target, 'query'),
        ),
      ),
    ),
    ...listAt(dashboard, 'annotations', 'list').flatMap((one) =>
      asked(`annotation "${String(at(one, 'name'))}"`, at(one, 'datasource'), at(one, 'expr')),
    ),
    ...variables.flatMap((one) => {
      const query = at(one, 'query', 'query') ?? at(one, 'query');
      const [, selector] = /^\s*(?:label_values|query_result)\((.+?)(?:,\s*[\w.]+\s*)?\)\s*$/s.exec(String(query)) ?? [];
      // label_values(name) asks for a label alone.
      const isLabel = selector !== undefined && /^label_values\(\s*[\w.]+\s*\)$/.test(String(query).trim());
      return at(one, 'type') === 'query' && !isLabel ? asked(`variable ${String(at(one, 'name'))}`, at(one, 'datasource'), selector) : [];
    }),
  ];
}

/** A row holds the panels below it while it is closed. */
const panelsOf = (parent: unknown): readonly unknown[] => listAt(parent, 'panels').flatMap((panel) => [panel, ...panelsOf(panel)]);
