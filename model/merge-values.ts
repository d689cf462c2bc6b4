type Values = Readonly<Record<string, unknown>>;

/** Lays Helm values over each other as Helm does: objects merge, all else (lists too) is replaced. */
export function mergeValues(...layers: readonly Values[]): Values {
  return layers.reduce(lay, {});
}

function lay(base: Values, over: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isValues(below) && isValues(value) ? lay(below, value) : value;
  }
  return merged;
}

export function isValues(value: unknown): value is Values {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
