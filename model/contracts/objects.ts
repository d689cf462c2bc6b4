import { isValues } from '../merge-values';
import type { ResolvedComponent } from '../resolved-fleet';

/** An object as far as contracts look into it. */
export interface LooseObject {
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** The objects of a component of these kinds, at any depth: charts take extra ones in their values. */
export function objectsOf(
  { values, resources }: Pick<ResolvedComponent, 'values' | 'resources'>,
  ...kinds: string[]
): readonly LooseObject[] {
  return everyObjectOf({ values, resources }).filter(({ kind }) => kinds.includes(kind));
}

/** What was found once: nobody changes values, and every contract asks. */
const found = new WeakMap<object, { readonly resources: unknown; readonly objects: readonly LooseObject[] }>();

/** All of them, of whatever kind. */
export function everyObjectOf({ values, resources }: Pick<ResolvedComponent, 'values' | 'resources'>): readonly LooseObject[] {
  const known = found.get(values);
  if (known?.resources === resources) return known.objects;
  const objects: LooseObject[] = [];
  collect([values, resources], objects);
  found.set(values, { resources, objects });
  return objects;
}

function collect(value: unknown, into: LooseObject[]): void {
  if (Array.isArray(value)) for (const one of value) collect(one, into);
  else if (!isValues(value)) return;
  else if (typeof value.kind === 'string' && isValues(value.metadata)) into.push(value as unknown as LooseObject);
  else for (const one of Object.values(value)) collect(one, into);
}

/** A value by its path, `undefined` where there is none. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isValues(inner) ? inner[key] : undefined), value);
