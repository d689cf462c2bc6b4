import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from './deployment';
import { kubectl, kubectlItems } from './kubectl';
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

/** Namespaces of ours that exist and that the state does not know: a killed run made them and could not write it down. */
export async function lostNamespaces(
  deployment: Deployment,
  cluster: ResolvedCluster,
  stack: string,
): Promise<readonly { to: string; id: string }[]> {
  const found = await kubectlItems<Named>(deployment, cluster, ['namespaces', `--selector=flotilla.dev/uid=${deployment.model.uid}`]);
  const known = new Set(stateAddresses(deployment.stateFile(stack)));
  const wanted = new Set(cluster.components.map(({ namespace }) => namespace.name));
  return (found ?? [])
    .map(({ metadata }) => ({ to: `kubernetes_namespace_v1.namespace-${metadata.name}`, id: metadata.name }))
    .filter(({ to, id }) => wanted.has(id) && !known.has(to));
}
