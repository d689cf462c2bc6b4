import { at } from '../model/contracts/objects';

type Substitution = (name: string) => string | undefined;

/** What Grafana puts in by itself, for a panel as it opens. */
const builtIn: Readonly<Record<string, string>> = {
  __interval: '1m',
  __interval_ms: '60000',
  __rate_interval: '5m',
  __range: '1h',
  __range_s: '3600',
  __range_ms: '3600000',
  __auto: '5m',
  __from: '1700000000000',
  __to: '1700003600000',
  __dashboard: 'dashboard',
  __org: '1',
};

/** A value of a variable whose choices only a running Grafana knows. */
const someValue = 'value';

/** The text that a variable stands for when the dashboard is opened and nobody has chosen anything. */
export function defaultValue(variable: unknown): string {
  const current = at(variable, 'current', 'value');
  const chosen = (Array.isArray(current) ? current : [current])
    .filter((one) => typeof one === 'string' || typeof one === 'number')
    .map(String);
  const isAll = chosen.includes('$__all') || (chosen.length === 0 && at(variable, 'includeAll') === true);
  // Without an allValue, All is every choice, joined.
  if (isAll) return String(at(variable, 'allValue') ?? `(${someValue}|${someValue}-2)`);
  if (chosen.length > 1) return `(${chosen.join('|')})`;
  if (chosen.length === 1) return chosen[0]!;
  const query = at(variable, 'query');
  switch (at(variable, 'type')) {
    case 'textbox':
    case 'constant':
      return typeof query === 'string' ? query : '';
    case 'custom':
    case 'interval':
      return typeof query === 'string' ? query.split(',')[0]!.trim() : someValue;
    default:
      return someValue;
  }
}

/** What a dashboard's own variables and Grafana's stand for. */
export const substitutionOf = (variables: readonly unknown[]): Substitution => {
  const own = new Map(variables.map((variable) => [String(at(variable, 'name')), defaultValue(variable)]));
  return (name) => own.get(name) ?? builtIn[name];
};

/** `$name`, `${name}`, `${name:format}` and `[[name]]`; not `$1` of label_replace, and not the `$` that ends a pattern. */
const use = /\$(?:\{(\w+)(?:\.[\w.]+)?(?::[^}]*)?\}|([A-Za-z_]\w*))|\[\[(\w+)(?::[^\]]*)?\]\]/g;

/** A query as Grafana sends it, and the names that nothing defines. */
export function substituted(query: string, value: Substitution): { readonly query: string; readonly undefinedNames: readonly string[] } {
  const undefinedNames: string[] = [];
  const text = query.replace(use, (whole, braced?: string, bare?: string, bracketed?: string) => {
    const name = braced ?? bare ?? bracketed ?? '';
    const found = value(name);
    if (found === undefined) undefinedNames.push(name);
    return found ?? whole;
  });
  return { query: text, undefinedNames };
}
