import { z } from 'zod';
import { isTree } from './overlay';
import { unwrap } from './unknown-keys';

export interface Tidied {
  readonly tree: unknown;
  /** What stood under `x-*` keys, by its path. */
  readonly extensions: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[];
}

/**
 * A fleet or overlay without `x-*` keys, which are the author's own (such as anchors to merge), and without fields whose value is empty, which mean the same
 * as fields that are not there. Helm values are left alone: `null` has a meaning in them.
 */
export function tidy(schema: z.ZodType, tree: unknown): Tidied {
  const extensions: { path: (string | number)[]; value: unknown }[] = [];
  const tidied = (field: z.ZodType | null, value: unknown, path: (string | number)[]): unknown => {
    const known = unwrap(field);
    if (known instanceof z.ZodArray && Array.isArray(value))
      return value.map((item, index) => tidied(known.element as z.ZodType, item, [...path, index]));
    if (!isTree(value)) return value;
    if (known instanceof z.ZodRecord)
      return (known.valueType as z.ZodType) instanceof z.ZodUnknown ? value : mapped(value, () => known.valueType as z.ZodType, path);
    if (!(known instanceof z.ZodObject)) return value;
    const shape = known.shape as Record<string, z.ZodType>;
    for (const key of Object.keys(value).filter(isExtension)) extensions.push({ path: [...path, key], value: value[key] });
    return mapped(
      Object.fromEntries(Object.entries(value).filter(([key]) => !isExtension(key))),
      (key) => (Object.hasOwn(shape, key) ? shape[key]! : null),
      path,
    );
  };
  const mapped = (value: Record<string, unknown>, fieldOf: (key: string) => z.ZodType | null, path: (string | number)[]): unknown =>
    Object.fromEntries(
      Object.entries(value)
        .filter(([key, inner]) => !(inner === null && fieldOf(key) !== null))
        .map(([key, inner]) => [key, tidied(fieldOf(key), inner, [...path, key])]),
    );
  return { tree: tidied(schema, tree, []), extensions };
}

const isExtension = (key: string): boolean => key.startsWith('x-');
