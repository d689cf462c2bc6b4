/** One edit of a fleet file, as data: the field at `path` becomes `value`; without a value it goes. */
export interface FleetChange {
  readonly path: readonly (string | number)[];
  readonly value?: unknown;
}

/** A copy of a fleet, as read from YAML or parsed, with the changes made in their order. */
export function applyChanges<T>(fleet: T, changes: readonly FleetChange[]): T {
  const copy = structuredClone(fleet);
  for (const { path, value } of changes) {
    const field = path.at(-1)!;
    const holder = path.slice(0, -1).reduce((at, part) => {
      at[part] ??= {};
      return at[part] as Tree;
    }, copy as Tree);
    if (value === undefined) delete holder[field];
    else holder[field] = value;
  }
  return copy;
}

type Tree = { [field: string | number]: unknown };
