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

/** All of them, of whatever kind. */
export const everyObjectOf = ({ values, resources }: Pick<ResolvedComponent, 'values' | 'resources'>): readonly LooseObject[] =>
  objectsIn([values, resources]);

function objectsIn(value: unknown): readonly LooseObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (!isValues(value)) return [];
  const isObject = typeof value.kind === 'string' && isValues(value.metadata);
  return isObject ? [value as unknown as LooseObject] : Object.values(value).flatMap(objectsIn);
}

/** A value by its path, `undefined` where there is none. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isValues(inner) ? inner[key] : undefined), value);
