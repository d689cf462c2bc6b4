type Tree = Record<string, unknown>;

/**
 * Lays an overlay over a fleet, both as read from YAML: objects merge by key, lists of named things by `name`, all else replaces.
 * A name that only the overlay has is added at the end.
 */
export function layOver(base: unknown, overlay: unknown): unknown {
  if (isTree(base) && isTree(overlay)) {
    const keys = [...new Set([...Object.keys(base), ...Object.keys(overlay)])];
    return Object.fromEntries(keys.map((key) => [key, key in overlay ? layOver(base[key], overlay[key]) : base[key]]));
  }
  if (isNamedList(base) && isNamedList(overlay)) {
    const names = new Set(base.map((item) => item.name));
    return [
      ...base.map((item) => {
        const over = overlay.find((candidate) => candidate.name === item.name);
        return over === undefined ? item : layOver(item, over);
      }),
      ...overlay.filter((item) => !names.has(item.name)),
    ];
  }
  return overlay;
}

export function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isNamedList(value: unknown): value is (Tree & { name: unknown })[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isTree(item) && 'name' in item);
}
