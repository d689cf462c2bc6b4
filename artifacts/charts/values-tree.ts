/** Helm values as JSON. */
export type Value = string | number | boolean | null | readonly Value[] | Values;
export interface Values {
  readonly [key: string]: Value;
}

export const isMap = (value: Value | undefined): value is Values => value !== null && typeof value === 'object' && !Array.isArray(value);

/** What a chart sees: its own defaults with the other's laid over them. */
export function mergeDefaults(under: Values, over: Values): Values {
  const merged: Record<string, Value> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? mergeDefaults(below, value) : value;
  }
  return merged;
}

/** The values without what lies at a path; maps that this empties go too. */
export function without(values: Values, [key, ...rest]: readonly string[]): Values {
  const { [key!]: value, ...others } = values;
  if (rest.length === 0 || !isMap(value)) return others;
  const less = without(value, rest);
  return Object.keys(less).length === 0 ? others : { ...others, [key!]: less };
}

/** The values with another one at a path; maps on the way are made. */
export function withValue(values: Values, [key, ...rest]: readonly string[], value: Value): Values {
  const below = values[key!];
  return { ...values, [key!]: rest.length === 0 ? value : withValue(isMap(below) ? below : {}, rest, value) };
}

export function valueAt(values: Value | undefined, path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>((value, key) => (isMap(value) ? value[key] : undefined), values);
}
