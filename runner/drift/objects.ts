import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import { kubectl, kubectlItems } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { type Difference, differingPaths, type Look } from './difference';

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface ReleaseRecord {
  readonly metadata: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data: { readonly release: string };
}

/**
 * The objects of our releases against what Helm installed: Terraform asks Helm's records only, and a record does not change when somebody
 * edits or deletes what it tells of. The server itself is asked what applying again would change, without doing it.
 */
export async function objectDrift(deployment: Deployment, cluster: ResolvedCluster): Promise<Look> {
  const where = `${cluster.name}-platform`;
  const ours = new Set(cluster.components.flatMap(({ id }) => [id, `${id}-resources`]));
  const records = await kubectlItems<ReleaseRecord>(deployment, cluster, [
    'secrets',
    '--all-namespaces',
    '--selector=owner=helm,status=deployed',
  ]);
  if (records === null) return { where, differences: [], errors: [`the releases of ${cluster.name} cannot be read`] };
  const objects = new Map<string, KubernetesObject[]>();
  for (const { metadata, data } of records.filter((record) => ours.has(record.metadata.labels?.name ?? ''))) {
    for (const object of manifestOf(data.release)) {
      // Those that name a namespace go without one on the command line, which would be an error when it is another one.
      const group = object.metadata.namespace === undefined ? metadata.namespace : '';
      objects.set(group, [...(objects.get(group) ?? []), object]);
    }
  }
  const groups = await Promise.all([...objects].map(([namespace, members]) => compare(deployment, cluster, namespace, members)));
  const errors = groups.flatMap((found) => (found === null ? [`objects of ${cluster.name} cannot be compared: its API refuses`] : []));
  return { where, differences: groups.flatMap((found) => found ?? []), errors: [...new Set(errors)] };
}

/** What a release's record says that was installed. */
export function manifestOf(release: string): readonly KubernetesObject[] {
  const packed = Buffer.from(Buffer.from(release, 'base64').toString(), 'base64');
  const { manifest } = JSON.parse(gunzipSync(packed).toString()) as { manifest: string };
  return parseAllDocuments(manifest)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object): object is KubernetesObject => object?.kind !== undefined);
}

async function compare(
  deployment: Deployment,
  cluster: ResolvedCluster,
  namespace: string,
  wanted: readonly KubernetesObject[],
): Promise<readonly Difference[] | null> {
  const scratch = mkdtempSync(join(tmpdir(), 'flotilla-drift-'));
  const file = join(scratch, 'objects.json');
  const ask = async (verb: readonly string[], items: readonly KubernetesObject[]): Promise<readonly KubernetesObject[] | null> => {
    if (items.length === 0) return [];
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), { mode: 0o600 });
    const said = await kubectl(
      deployment,
      cluster,
      [...verb, `--filename=${file}`, '--output=json', ...(namespace === '' ? [] : [`--namespace=${namespace}`])],
      30,
    );
    return said === null ? null : listed(said);
  };
  try {
    const live = await ask(['get', '--ignore-not-found'], wanted);
    if (live === null) return null;
    const there = new Map(live.map((object) => [nameOf(object, ''), object]));
    // An object of the whole cluster has no namespace, and only the server knows which kinds those are.
    const present = wanted.filter((object) => there.has(nameOf(object, namespace)) || there.has(nameOf(object, '')));
    const again = await ask(['apply', '--server-side', '--dry-run=server', '--force-conflicts', '--field-manager=flotilla-drift'], present);
    if (again === null) return null;
    const gone = wanted.filter((object) => !present.includes(object));
    const global = gone.length === 0 ? new Set<string>() : await globalKinds(deployment, cluster);
    return [
      ...gone.map(
        (object): Difference => ({ address: nameOf(object, global.has(object.kind) ? '' : namespace), what: 'deleted', paths: [] }),
      ),
      ...again.flatMap((object): Difference[] => {
        const address = nameOf(object, '');
        const paths = differingPaths(there.get(address), object).filter((path) => !bookkeeping.test(path));
        return paths.length === 0 ? [] : [{ address, what: 'changed', paths }];
      }),
    ];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** What a server writes down about an object; `status` is nobody's wish. */
const bookkeeping = /^(status|metadata\.(managedFields|resourceVersion|generation|creationTimestamp|uid))\b/;

/** Kinds whose objects live in no namespace; KIND is the last column. */
async function globalKinds(deployment: Deployment, cluster: ResolvedCluster): Promise<ReadonlySet<string>> {
  const said = await kubectl(deployment, cluster, ['api-resources', '--namespaced=false', '--no-headers']);
  return new Set((said ?? '').split('\n').flatMap((line) => line.trim().split(/\s+/).at(-1) || []));
}

function listed(said: string): readonly KubernetesObject[] {
  if (said.trim() === '') return [];
  const found = JSON.parse(said) as KubernetesObject & { readonly items?: readonly KubernetesObject[] };
  return found.kind === 'List' ? (found.items ?? []) : [found];
}

const nameOf = ({ kind, metadata }: KubernetesObject, otherwise: string): string =>
  [kind, [metadata.namespace ?? otherwise, metadata.name].filter(Boolean).join('/')].join(' ');
