import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Deployment } from '../deployment/deployment';
import { writeAtOnce } from '../deployment/write-atomically';

interface Kubeconfig {
  readonly clusters: readonly object[];
  readonly contexts: readonly object[];
  readonly users: readonly object[];
}

/** One kubeconfig of all clusters that there are, for people; providers read each cluster's own. `null` when there is none yet. */
export function mergedKubeconfig(deployment: Deployment): string | null {
  const files = deployment.model.clusters.map((cluster) => deployment.kubeconfig(cluster)).filter((file) => existsSync(file));
  if (files.length === 0) return null;
  const parts = files.map((file) => parse(readFileSync(file, 'utf8')) as Kubeconfig);
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': deployment.model.clusters.find((cluster) => existsSync(deployment.kubeconfig(cluster)))?.name,
    clusters: parts.flatMap(({ clusters }) => clusters),
    contexts: parts.flatMap(({ contexts }) => contexts),
    users: parts.flatMap(({ users }) => users),
  });
}

/** The merged file again, beside the clusters' own: at once, also where two commands do it. */
export function writeMergedKubeconfig(deployment: Deployment): void {
  const file = join(deployment.folder, 'kubeconfig', 'merged');
  const text = mergedKubeconfig(deployment);
  if (text === null) {
    rmSync(file, { force: true });
    return;
  }
  writeAtOnce(file, text, { mode: 0o600 }, `${file}.${process.pid}.half`);
}
