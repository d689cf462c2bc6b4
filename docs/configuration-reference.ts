import { overlayJsonSchema } from '../config/overlay-schema';
import { fleetJsonSchema } from '../config/schema';
import { made, markdown } from './markdown';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}
type Known = Parameters<typeof fleetJsonSchema>[0];
type Row = readonly [field: string, type: string, needed: string, meaning: string];

/** Every field of a fleet file, as its schema explains it; what an editor completes is made of the same. */
export function configurationReference(known: Known): string {
  const [fleet, overlay] = [fleetJsonSchema(known), overlayJsonSchema(known)] as [Schema, Schema];
  const inFleet = new Set(rowsOf(fleet).map(([field]) => field));
  return [
    made,
    '# What a fleet file may say',
    '',
    'A field that is not below is refused, with the nearest name that is. `[]` stands for each entry of a list, `<id>` for the id of a component.',
    '',
    ...markdown(['field', 'is', 'needed', 'meaning'], rowsOf(fleet)),
    '',
    '# What an overlay may say',
    '',
    'Every field above, none of them needed; lists of things with names merge by name. And these:',
    '',
    ...markdown(
      ['field', 'is', 'needed', 'meaning'],
      rowsOf(overlay).filter(([field]) => !inFleet.has(field)),
    ),
    '',
  ].join('\n');
}

function rowsOf({ properties = {}, required = [] }: Schema, path = ''): readonly Row[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const field = `${path}${name}`;
    const needed = required.includes(name) && schema.default === undefined ? 'yes' : '';
    return [[`\`${field}\``, typeOf(schema), needed, cell(schema.description ?? '')] as Row, ...inner(schema, field)];
  });
}

function inner(schema: Schema, field: string): readonly Row[] {
  const ofEntries =
    schema.items === undefined ? [] : [schema.items, ...(schema.items.anyOf ?? [])].flatMap((one) => rowsOf(one, `${field}[].`));
  const ofObjects = rowsOf(schema, `${field}.`);
  return [...ofObjects, ...ofEntries];
}

function typeOf({ type, enum: words, minimum, maximum, items, anyOf, additionalProperties }: Schema): string {
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(', ');
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeOf(items)}`;
  if (type === 'object') return typeof additionalProperties === 'object' ? 'map by `<id>`' : 'map';
  if (type !== 'integer') return type ?? 'anything';
  // Without a limit of its own a whole number has the language's.
  const bounds = [minimum, maximum].map((bound) => (bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? null : bound));
  const [least, most] = bounds as [number | null, number | null];
  if (least !== null && most !== null) return `${least} to ${most}`;
  return least === null ? 'whole number' : `${least} or more`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
