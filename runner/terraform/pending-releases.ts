import type { ResolvedCluster } from '../../model/resolved-fleet';
import { namespacePartAddress } from '../../model/terraform-names';
import { kubectl, kubectlItems } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { stateAddresses } from './state-file';

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
}

/**
 * Clears the records that a killed run left in `pending-*`: with one of them Helm refuses every further operation on the release. What
 * remains is the revision before, or nothing; the objects stay, carry the release's name, and are taken over by the next apply.
 * @returns a sentence per record
 */
export async function clearPendingReleases(deployment: Deployment, cluster: ResolvedCluster): Promise<readonly string[]> {
  const ours = new Set(cluster.components.flatMap(({ id }) => [id, `${id}-resources`]));
  const selector = 'owner=helm,status in (pending-install,pending-upgrade,pending-rollback)';
  const records = await kubectlItems<Named>(deployment, cluster, ['secrets', '--all-namespaces', `--selector=${selector}`]);
  const pending = (records ?? []).filter(({ metadata }) => ours.has(metadata.labels?.name ?? ''));
  for (const { metadata } of pending) {
    await kubectl(deployment, cluster, ['delete', 'secret', metadata.name, `--namespace=${metadata.namespace}`, '--ignore-not-found']);
  }
  return pending.map(
    ({ metadata }) =>
      `${cluster.name}: cleared ${metadata.labels?.status} of release ${metadata.labels?.name}, left by a run that was killed`,
  );
}

/**
 * Namespaces of ours that exist and that the state does not know, and the limits and quotas in them: a killed run made them and could not write it down.
 * Terraform would make them again, and be told that they are there.
 */
export async function lostNamespaces(
  deployment: Deployment,
  cluster: ResolvedCluster,
  stack: string,
): Promise<readonly { to: string; id: string }[]> {
  const [found, inside] = await Promise.all([
    kubectlItems<Named>(deployment, cluster, ['namespaces', `--selector=flotilla.dev/uid=${deployment.model.uid}`]),
    insideNamespaces(deployment, cluster),
  ]);
  const known = new Set(stateAddresses(deployment.stateFile(stack)));
  const wanted = new Set(cluster.components.map(({ namespace }) => namespace.name));
  const ours = new Set((found ?? []).map(({ metadata }) => metadata.name).filter((name) => wanted.has(name)));
  return [
    ...[...ours].map((name) => ({ to: namespacePartAddress('namespace', name), id: name })),
    ...inside.filter(({ namespace }) => ours.has(namespace)),
  ].flatMap(({ to, id }) => (known.has(to) ? [] : [{ to, id }]));
}

/** Objects in a namespace that the model names: the name in the model and the kind in the API. */
const insides = [
  { said: 'limits', kind: 'LimitRange' },
  { said: 'quota', kind: 'ResourceQuota' },
] as const;

/** Limits and quotas that are there, of those that the model wants. A cluster whose components want none is not asked. */
async function insideNamespaces(deployment: Deployment, cluster: ResolvedCluster) {
  const wanted = cluster.components.flatMap(({ namespace }) =>
    insides.flatMap(({ said, kind }) => (namespace[said] === undefined ? [] : [{ said, kind, namespace: namespace.name }])),
  );
  if (wanted.length === 0) return [];
  const query = ['limitranges,resourcequotas', '--all-namespaces', '--field-selector=metadata.name=flotilla'];
  const there = new Set(
    ((await kubectlItems<Named & { readonly kind: string }>(deployment, cluster, query)) ?? []).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace}`,
    ),
  );
  return wanted
    .filter(({ kind, namespace }) => there.has(`${kind} ${namespace}`))
    .map(({ said, namespace }) => ({ to: namespacePartAddress(said, namespace), id: `${namespace}/flotilla`, namespace }));
}
