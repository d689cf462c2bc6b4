import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from './deployment';
import { hostScript } from './host-script';
import { waitForApi } from './kubectl';
import { stateAddresses } from './state-file';
import { oweAgain } from './unfinished';

/** Runs scripts outside of Terraform; given, so that it can be tested. */
export type RunScript = typeof hostScript;

/** Whether a cluster has scripts that run again at every boot. One that `up` never came to is left to it: what it works on need not be there. */
const due = (deployment: Deployment, cluster: ResolvedCluster) => {
  const wanted = cluster.components.flatMap(({ id, steps }) =>
    steps.filter(({ onBoot }) => onBoot).map((step) => ({ component: id, step, address: `null_resource.step-${id}-${step.id}` })),
  );
  if (wanted.length === 0) return [];
  const platform = deployment.model.stacks.find(({ kind, cluster: name }) => kind === 'platform' && name === cluster.name);
  const done = new Set(platform === undefined ? [] : stateAddresses(deployment.stateFile(platform.name)));
  return wanted.filter(({ address }) => done.has(address));
};

/** What a script says when there is nothing left of what the component's other steps had made. */
const startOver = 'start over';

/** Every step and link of a component has to run again: those of the cluster, and those for others, which are in the stack `access`. */
function oweAll(deployment: Deployment, cluster: ResolvedCluster, component: string): void {
  const { steps = [], links = [] } = cluster.components.find(({ id }) => id === component) ?? {};
  const owed: Readonly<Record<string, readonly string[]>> = {
    platform: steps.map((step) => `null_resource.step-${component}-${step.id}`),
    access: links.flatMap((link) => deployment.model.clusters.map(({ name }) => `null_resource.access-${name}-${component}-${link.id}`)),
  };
  for (const stack of deployment.model.stacks)
    if (stack.kind === 'access' || stack.cluster === cluster.name) oweAgain(deployment, stack.name, owed[stack.kind] ?? []);
}

/**
 * Does again what a start of pods undoes, such as opening a store that seals itself. Asks nothing of a cluster without such a script.
 * @returns what went wrong and what to do about it, a text per script
 */
export async function runBootSteps(
  deployment: Deployment,
  cluster: ResolvedCluster,
  run: RunScript = hostScript,
): Promise<readonly string[]> {
  const scripts = due(deployment, cluster);
  if (scripts.length === 0) return [];
  const { folder, environment } = deployment;
  if (!(await waitForApi(deployment, cluster, 120)))
    return [`${cluster.name}: its API did not answer within 120 s, so ${scripts.map(({ step }) => step.script).join(', ')} did not run`];
  const wrong: string[] = [];
  for (const { component, step } of scripts)
    await run(
      step.script,
      { deployment: folder, cluster: cluster.name, kubeconfig: cluster.kubeconfig, component, ...step.input },
      { environment },
    )
      .then((said) => {
        if (said.trim() !== startOver) return;
        oweAll(deployment, cluster, component);
        wrong.push(`${cluster.name}, ${component}: what it held is gone, "npx flotilla up" sets it up again`);
      })
      .catch((error: Error) => wrong.push(`${cluster.name}, ${component}: ${error.message}`));
  return wrong;
}
