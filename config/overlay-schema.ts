import { z } from 'zod';
import { clusterSchema, fleetJsonSchema, fleetSchema, nodeSchema } from './schema';
import { refusedShape } from './secret-shapes';

/** Fields that belong to one kind of machine: an overlay that brings another kind may have to drop them. */
export const droppable = ['network', 'machineNetwork', 'image', 'registry', 'hostPorts', 'address'] as const;
export type Droppable = (typeof droppable)[number];

/** Reasons are printed with every run. */
const reason = z
  .string()
  .min(1)
  .refine((text) => refusedShape(text) === null, 'looks like a secret, and reasons are printed');
const reasons = z.record(z.string().min(1), reason);
const { name, components, hostPorts, nodes, ...clusterFields } = clusterSchema.shape;
const { name: nodeName, ...nodeFields } = nodeSchema.shape;
const { name: _, clusters, ...fleetFields } = fleetSchema.shape;
const { role, address, ...sizeFields } = nodeFields;
const sizes = z.strictObject(over(sizeFields)).optional();

/** What lies over any fleet: its own fields, by name for what is in lists, and what holds for every cluster. Nothing has a default. */
export const overlaySchema = z.strictObject({
  ...over(fleetFields),
  drop: z.array(z.enum(droppable)).optional().describe('fields of the fleet that mean nothing here, wherever they are'),
  nodes: z
    .strictObject({
      'control-plane': sizes.describe('sizes of every control plane'),
      worker: sizes.describe('sizes of every worker'),
    })
    .optional()
    .describe('sizes by role; what `clusters` says of a node by name goes before'),
  leaveOut: reasons.optional().describe('components that no cluster gets, by id, and why'),
  bringIn: reasons.optional().describe('components that every cluster gets, by id, and why'),
  clusters: z
    .array(
      z.strictObject({
        name,
        ...over({ ...clusterFields, components, hostPorts }),
        nodes: z
          .array(z.strictObject({ name: nodeName, ...over(nodeFields) }))
          .optional()
          .describe('nodes by name; a node that the cluster does not have is added when its role and memoryMiB are given'),
      }),
    )
    .optional()
    .describe('clusters by name, each one of the fleet'),
});

/** JSON schema of an overlay, for editors. */
export function overlayJsonSchema(known: Parameters<typeof fleetJsonSchema>[0]): unknown {
  return fleetJsonSchema(known, overlaySchema);
}

/** The same fields, none with a default and none required. */
function over<S extends Record<string, z.ZodType>>(shape: S): { [K in keyof S]: z.ZodOptional } {
  return Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, overField(field)])) as { [K in keyof S]: z.ZodOptional };
}

function overField(field: z.ZodType): z.ZodOptional {
  const inner = unwrap(field);
  const bare = inner instanceof z.ZodObject ? z.strictObject(over(inner.shape)) : inner;
  const description = field.description?.replace(/; default.*$/, '');
  return description === undefined ? bare.optional() : bare.optional().describe(description);
}

function unwrap(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault
    ? unwrap(field.unwrap() as z.ZodType)
    : field;
}
