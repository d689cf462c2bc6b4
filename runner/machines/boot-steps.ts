import type { ResolvedCluster } from '../../model/resolved-fleet';
import { accessStepName, componentStepName, scriptAddress } from '../../model/terraform-names';
import { waitForApi } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { stateAddresses } from '../terraform/state-file';
import { hostScript } from './host-script';

/** Runs scripts outside of Terraform; given, so that it can be tested. */
export type RunScript = typeof hostScript;

/** Whether a cluster has scripts that run again at every boot. One that `up` never came to is left to it: what it works on need not be there. */
const due = (deployment: Deployment, cluster: ResolvedCluster) => {
  const wanted = cluster.components.flatMap(({ id, steps }) =>
    steps.filter(({ onBoot }) => onBoot).map((step) => ({ component: id, step, address: scriptAddress(componentStepName(id, step.id)) })),
  );
  if (wanted.length === 0) return [];
  const platform = deployment.model.stacks.find(({ kind, cluster: name }) => kind === 'platform' && name === cluster.name);
  const done = new Set(platform === undefined ? [] : stateAddresses(deployment.stateFile(platform.name)));
  return wanted.filter(({ address }) => done.has(address));
};

/** What a script says when there is nothing left of what the component's other steps had made. */
const startOver = 'start over';

/** Every step and link of a component, by stack: those of the cluster, and those for others, which are in the stack `access`. */
function allScripts({ model }: Deployment, cluster: ResolvedCluster, component: string): ReadonlyMap<string, readonly string[]> {
  const { steps = [], links = [] } = cluster.components.find(({ id }) => id === component) ?? {};
  const own = steps.map((step) => scriptAddress(componentStepName(component, step.id)));
  const forOthers = links.flatMap((link) => model.clusters.map(({ name }) => scriptAddress(accessStepName(name, component, link.id))));
  const stacks = model.stacks.filter(({ kind, cluster: of }) => kind === 'access' || (kind === 'platform' && of === cluster.name));
  return new Map(stacks.map(({ name, kind }) => [name, kind === 'access' ? forOthers : own]));
}

export interface BootSteps {
  /** What went wrong and what to do about it, a text per script. */
  readonly wrong: readonly string[];
  /** Scripts that have to run again, by stack: what they had made is gone. To be kept by `oweAgain`. */
  readonly owed: ReadonlyMap<string, readonly string[]>;
}

/** Does again what a start of pods undoes, such as opening a store that seals itself. Asks nothing of a cluster without such a script. */
export async function runBootSteps(deployment: Deployment, cluster: ResolvedCluster, run: RunScript = hostScript): Promise<BootSteps> {
  const owed = new Map<string, readonly string[]>();
  const scripts = due(deployment, cluster);
  if (scripts.length === 0) return { wrong: [], owed };
  const { folder, environment } = deployment;
  if (!(await waitForApi(deployment, cluster, 120)))
    return {
      wrong: [`${cluster.name}: its API did not answer within 120 s, so ${scripts.map(({ step }) => step.script).join(', ')} did not run`],
      owed,
    };
  const wrong: string[] = [];
  for (const { component, step } of scripts)
    await run(
      step.script,
      { deployment: folder, cluster: cluster.name, kubeconfig: cluster.kubeconfig, component, ...step.input },
      { environment },
    )
      .then((said) => {
        if (said.trim() !== startOver) return;
        for (const [stack, addresses] of allScripts(deployment, cluster, component))
          owed.set(stack, [...(owed.get(stack) ?? []), ...addresses]);
        wrong.push(`${cluster.name}, ${component}: what it held is gone, "npx flotilla up" sets it up again`);
      })
      .catch((error: Error) => wrong.push(`${cluster.name}, ${component}: ${error.message}`));
  return { wrong, owed };
}
