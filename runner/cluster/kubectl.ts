import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { chooseServer } from './api-server';

/** What kubectl prints, or `null` when it fails, there is no kubeconfig, or the API does not answer in time. Any control plane that answers will do. */
export async function kubectl(
  deployment: Deployment,
  cluster: ResolvedCluster,
  args: readonly string[],
  timeoutSeconds = 10,
): Promise<string | null> {
  const kubeconfig = deployment.kubeconfig(cluster);
  if (!existsSync(kubeconfig)) return null;
  await chooseServer(deployment, cluster);
  return new Promise((resolve) => {
    execFile(
      'kubectl',
      [`--kubeconfig=${kubeconfig}`, `--request-timeout=${timeoutSeconds}s`, ...args],
      { env: deployment.environment, maxBuffer: 64 * 1024 * 1024, timeout: (timeoutSeconds + 5) * 1000 },
      (error, stdout) => resolve(error === null ? stdout : null),
    );
  });
}

/** The items of `kubectl get … -o json`; `null` as for kubectl. */
export async function kubectlItems<T>(
  deployment: Deployment,
  cluster: ResolvedCluster,
  args: readonly string[],
): Promise<readonly T[] | null> {
  const text = await kubectl(deployment, cluster, ['get', ...args, '--output=json']);
  return text === null ? null : ((JSON.parse(text) as { items: readonly T[] }).items ?? []);
}

export const apiAnswers = async (deployment: Deployment, cluster: ResolvedCluster, timeoutSeconds = 3): Promise<boolean> =>
  (await kubectl(deployment, cluster, ['get', '--raw=/readyz'], timeoutSeconds)) !== null;

/** Waits until the API answers. False when it does not within the time. */
export async function waitForApi(deployment: Deployment, cluster: ResolvedCluster, timeoutSeconds: number): Promise<boolean> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const asked = Date.now();
    if (await apiAnswers(deployment, cluster)) return true;
    if (Date.now() > deadline) return false;
    await rest(asked);
  }
}

/** Waits for as long as the last question took, at least a quarter of a second: a host that is slow already is not asked faster than it can answer. */
export const rest = (askedAt: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(250, Date.now() - askedAt)));
