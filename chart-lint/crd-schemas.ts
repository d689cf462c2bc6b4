import { parse } from 'yaml';
import type { RenderedDocument } from '../artifacts/charts/helm';

/** A custom resource definition in a rendered text, not yet parsed: they are large, and few of them are asked for. */
export interface CrdText {
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly string[];
  /** Its objects are in no namespace. */
  readonly wide: boolean;
  readonly text: string;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema?: Schema } }[];
  };
}

export interface Schema {
  readonly [key: string]: unknown;
}

export function crdTexts(documents: readonly RenderedDocument[]): readonly CrdText[] {
  return documents.flatMap(({ text }) => {
    if (!/^kind: *["']?CustomResourceDefinition["']?\s*$/m.test(text)) return [];
    const group = /^ {2}group: *["']?([\w.-]+)/m.exec(text)?.[1];
    const kind = /^ {4}kind: *["']?(\w+)/m.exec(text)?.[1];
    if (group === undefined || kind === undefined) return [];
    // The list stands at its key's depth or two deeper, with the name anywhere among the item's keys.
    const versions = [...text.matchAll(/^(?:- | {2}- | {4}- | {4}| {6})name: *["']?(v\d\w*)["']?\s*$/gm)].map(([, version]) => version!);
    const wide = /^ {2}scope: *["']?Cluster\b/m.test(text);
    return [{ group, kind, versions: [...new Set(versions)], wide, text }];
  });
}

/** One JSON schema per version, `<group>/<kind>_<version>.json`, as kubeconform looks them up. */
export function crdSchemas({ text }: CrdText): readonly { readonly file: string; readonly schema: Schema }[] {
  const { spec } = parse(text, { uniqueKeys: false, logLevel: 'silent', merge: true }) as Crd;
  return spec.versions.flatMap(({ name, schema }) =>
    schema?.openAPIV3Schema === undefined
      ? []
      : [{ file: `${spec.group}/${spec.names.kind.toLowerCase()}_${name}.json`, schema: strict(topLevel(schema.openAPIV3Schema)) }],
  );
}

/** Kubernetes knows these of every object, whatever the definition says. */
const topLevel = (schema: Schema): Schema => ({
  ...schema,
  properties: {
    ...((schema.properties as Schema | undefined) ?? {}),
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
});

const kept = new Set('type format enum required minimum maximum minLength maxLength minItems maxItems pattern not'.split(' '));

/** As the API server reads it with strict validation: a field that is not described is an error. */
function strict(schema: Schema): Schema {
  const made: Record<string, unknown> = Object.fromEntries(Object.entries(schema).filter(([key]) => kept.has(key)));
  for (const list of ['allOf', 'anyOf', 'oneOf']) {
    // Within these only what is demanded counts: what may be there is said outside of them.
    if (Array.isArray(schema[list])) made[list] = schema[list].map((part: Schema) => ({ ...loose(part) }));
  }
  if (schema['x-kubernetes-int-or-string'] === true) {
    made.type = ['integer', 'string'];
    delete made.anyOf;
  }
  if (schema.properties !== undefined) {
    made.properties = Object.fromEntries(Object.entries(schema.properties as Schema).map(([key, value]) => [key, strict(value as Schema)]));
    if (schema['x-kubernetes-preserve-unknown-fields'] !== true && schema.additionalProperties === undefined)
      made.additionalProperties = false;
  }
  if (schema.additionalProperties !== undefined) {
    made.additionalProperties =
      typeof schema.additionalProperties === 'object' ? strict(schema.additionalProperties as Schema) : schema.additionalProperties;
  }
  if (schema.items !== undefined) made.items = strict(schema.items as Schema);
  return made;
}

/** The same without closing any object. */
function loose(schema: Schema): Schema {
  const { additionalProperties: _closed, ...rest } = strict(schema);
  const properties = rest.properties as Schema | undefined;
  return properties === undefined
    ? rest
    : { ...rest, properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, loose(value as Schema)])) };
}
