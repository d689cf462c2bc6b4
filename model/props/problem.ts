import { z } from 'zod';
import { formatProblem, UserError } from '../../config/problem';
import { describeField } from '../../config/unknown-keys';
import type { BrokenRule } from '../rules/rule';
import { secretsIn } from '../secret-shapes';

export { UserError } from '../../config/problem';

/** Stands in props for what only Terraform knows: a variable, an attribute of a resource. */
export const reference = Symbol('Terraform reference');

/** The field, or a Terraform reference, which arrives where the value is used. */
export function orReference(field: z.ZodType): z.ZodType {
  const checked = z.unknown().superRefine((value, context) => {
    if (value === reference) return;
    for (const { message, path } of field.safeParse(value).error?.issues ?? []) context.addIssue({ code: 'custom', message, path });
  });
  return field.description === undefined ? checked : checked.describe(field.description);
}

/** The field or nothing, with the same description. */
export const optional = (field: z.ZodType): z.ZodType =>
  field.description === undefined ? field.optional() : field.optional().describe(field.description);

/** What props break of a schema, a sentence each; keys that the schema does not have are not looked at. */
export function schemaFaults(schema: z.ZodObject, props: object): readonly string[] {
  const { error } = schema.safeParse(props);
  return (error?.issues ?? []).map(({ path, message }) => {
    const at = path as (string | number)[];
    const value = at.reduce<unknown>((inner, key) => (inner as Readonly<Record<string | number, unknown>> | undefined)?.[key], props);
    if (value === reference) return sentence({ path: at, value: undefined, ...unknownYet });
    const rule = value === undefined ? 'is missing' : message.replace(/^Invalid input: /, '');
    return sentence({ path: at, value: shown(value), rule, remedy: describeField(schema, at) ?? 'see the documentation of the prop' });
  });
}

const unknownYet = {
  rule: 'is a Terraform reference, and it has to be known when the app is synthesized: names, files and rules are made from it',
  remedy: "pass a literal, for example from the app's context or from process.env",
};

/** In one line: where, the value, the rule and the remedy. What looks like a secret is not repeated, and no remedy that is made from it either. */
export function sentence({ value, ...broken }: BrokenRule): string {
  const [secret] = secretsIn(value);
  if (secret === undefined) return formatProblem({ id: 'props', ...broken, value });
  return formatProblem({ id: 'props', ...broken, value: secret.value, remedy: 'write what belongs there; this looks like a secret' });
}

const longest = 80;

/** JSON has no word for NaN and the like, and would show `null`; of a long value nobody reads the end. */
function shown(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length <= longest || secretsIn(value).length > 0 ? value : `${text.slice(0, longest)}…`;
}

/** @throws UserError with everything that is wrong; nothing when nothing is */
export function refuse(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new UserError(`${where}: ${[...new Set(faults)].map(withoutSecrets).join('\n')}`);
}

/** A rule may repeat a name in its own words. */
const withoutSecrets = (fault: string): string =>
  fault.replaceAll(/[^\s"',;()]{12,}/g, (word) => {
    const [secret] = secretsIn(word);
    return secret === undefined ? word : secret.value;
  });
