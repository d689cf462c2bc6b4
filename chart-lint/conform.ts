import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { documentsOf, type RenderedDocument, run, withoutNulls } from '../artifacts/charts/helm';
import type { Values } from '../artifacts/charts/values-tree';
import { type CrdText, crdSchemas, crdTexts } from './crd-schemas';

/** The objects of one release, as text. */
export interface ConformInput {
  readonly release: string;
  readonly text: string;
}

export interface Conformity {
  readonly valid: number;
  readonly faults: readonly { readonly release: string; readonly object: string; readonly why: string }[];
  /** Kinds whose definition is not here, `group/version Kind`, with the number of objects. */
  readonly unknown: ReadonlyMap<string, number>;
}

interface Told {
  readonly filename: string;
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly status: 'statusValid' | 'statusInvalid' | 'statusError' | 'statusSkipped' | 'statusEmpty';
  readonly msg: string;
}

export interface ConformTools {
  readonly kubeconform: string;
  /** Folder of Kubernetes' own schemas; `null` takes them from the network. */
  readonly schemas: string | null;
}

/** Holds every object against the schema of its kind: Kubernetes' own, and those of the definitions among the objects or beside them (`more`). */
export async function conform(
  inputs: readonly ConformInput[],
  { kubeconform, schemas }: ConformTools,
  more: readonly string[] = [],
): Promise<Conformity> {
  const work = mkdtempSync(join(tmpdir(), 'flotilla-conform-'));
  try {
    const documents = inputs.map(({ release, text }) => ({ release, parts: documentsOf(text) }));
    const asked = new Set(documents.flatMap(({ parts }) => parts.map(({ text }) => kindOf(text))));
    const definitions = new Map<string, CrdText>();
    for (const crd of [...more.map(documentsOf), ...documents.map(({ parts }) => parts)].flatMap(crdTexts))
      definitions.set(`${crd.group} ${crd.kind}`, crd);
    for (const [key, crd] of definitions) if (asked.has(key)) writeSchemas(crd, join(work, 'schemas'));
    mkdirSync(join(work, 'objects'), { recursive: true });
    for (const [index, { parts }] of documents.entries())
      if (parts.length > 0) writeFileSync(join(work, 'objects', `${index}.yaml`), parts.map(({ text }) => sent(text)).join('\n---\n'));
    const place = (folder: string): string[] => [
      '-schema-location',
      `${folder}/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json`,
    ];
    const locations = [...(schemas === null ? ['-schema-location', 'default'] : place(schemas)), ...place(join(work, 'schemas'))];
    const { stdout, stderr } = await run(kubeconform, [
      '-strict',
      '-ignore-missing-schemas',
      '-verbose',
      '-output',
      'json',
      ...locations,
      join(work, 'objects'),
    ]);
    if (!stdout.trim().startsWith('{')) throw new Error(`kubeconform said nothing that can be read: ${stderr.trim()}`);
    return judge((JSON.parse(stdout) as { resources: Told[] }).resources ?? [], inputs);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** An object as it is sent: a null is a field left out. Definitions go as they are, they are large. */
const sent = (text: string): string => (isDefinition(text) ? text : JSON.stringify(withoutNulls(parseOne(text) as Values)));

const isDefinition = (text: string): boolean => /^kind: *["']?CustomResourceDefinition/m.test(text);
/** As Helm reads it: `<<` is a merge. */
const parseOne = (text: string): unknown => parse(text, { uniqueKeys: false, logLevel: 'silent', merge: true });

function writeSchemas(crd: CrdText, folder: string): void {
  for (const { file, schema } of crdSchemas(crd)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), JSON.stringify(schema));
  }
}

function kindOf(text: string): string {
  const group = /^apiVersion: *["']?([\w.-]+)\//m.exec(text)?.[1] ?? '';
  return `${group} ${/^kind: *["']?(\w+)/m.exec(text)?.[1] ?? ''}`;
}

function judge(told: readonly Told[], inputs: readonly ConformInput[]): Conformity {
  const unknown = new Map<string, number>();
  for (const { status, version, kind } of told) {
    if (status === 'statusSkipped') unknown.set(`${version} ${kind}`, (unknown.get(`${version} ${kind}`) ?? 0) + 1);
  }
  return {
    valid: told.filter(({ status }) => status === 'statusValid').length,
    faults: told
      .filter(({ status }) => status === 'statusInvalid' || status === 'statusError')
      .map(({ filename, kind, name, msg }) => ({
        release: inputs[Number(/(\d+)\.yaml$/.exec(filename)?.[1])]?.release ?? filename,
        object: `${kind}/${name}`,
        why: reasons(msg),
      })),
    unknown,
  };
}

/** The innermost reasons of a nested message: what is said of their parents only repeats that something is wrong below. */
function reasons(message: string): string {
  const parts = message.split(/\s+- at '/).slice(1);
  const said = parts.flatMap((part) => {
    const [, path, fault] = /^([^']*)': ([\s\S]*)$/.exec(part) ?? [];
    return fault === undefined || /^(validation|anyOf|allOf|oneOf) failed/.test(fault) ? [] : [`${path || '/'}: ${fault.trim()}`];
  });
  return said.length > 0 ? [...new Set(said)].join('; ') : message.split('\n')[0]!;
}

/** Parsed objects but for definitions, which are large and hold no pods. */
export const objectsOf = (documents: readonly RenderedDocument[]): readonly unknown[] =>
  documents.flatMap(({ text }) => (isDefinition(text) ? [] : [parseOne(text)]));
