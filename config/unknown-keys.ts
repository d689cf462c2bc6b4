import { z } from 'zod';
import { suggestion } from './nearest';
import type { FleetProblem } from './problem';
import { showName } from './shown';

/** One problem per key that the schema does not know, naming the nearest one that it does. */
export function unknownKeyProblems(schema: z.ZodType, path: readonly (string | number)[], keys: readonly string[]): FleetProblem[] {
  const known = knownKeys(schema, path);
  return keys.map((key) => ({
    id: 'unknown-key',
    path: [...path, key],
    value: undefined,
    rule: `"${showName(key)}" is no key here`,
    remedy: suggestion(key, known),
  }));
}

/** Description of the field at a path, the best remedy for a value of the wrong shape. */
export function describeField(schema: z.ZodType, path: readonly (string | number)[]): string | null {
  for (let length = path.length; length > 0; length--) {
    const description = fieldAt(schema, path.slice(0, length))?.description;
    if (description !== undefined) return description;
  }
  return null;
}

function knownKeys(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  const field = unwrap(fieldAt(schema, path));
  return field instanceof z.ZodObject ? Object.keys(field.shape) : [];
}

function fieldAt(schema: z.ZodType, path: readonly (string | number)[]): z.ZodType | null {
  return path.reduce<z.ZodType | null>((field, part) => {
    const inner = unwrap(field);
    if (inner instanceof z.ZodObject) return Object.hasOwn(inner.shape, part) ? (inner.shape as Record<string, z.ZodType>)[part]! : null;
    if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
    if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
    return null;
  }, schema);
}

/** The field without what makes it optional or gives it a default. */
export function unwrap(field: z.ZodType | null): z.ZodType | null {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault)
    return unwrap(field.unwrap() as z.ZodType);
  return field;
}
