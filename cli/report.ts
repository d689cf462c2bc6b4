import { apiUrl, readEndpoints } from '../runner/cluster/endpoints';
import { writeMergedKubeconfig } from '../runner/cluster/merged-kubeconfig';
import { readStatus } from '../runner/cluster/status';
import { readStandIns, sayStandIns } from '../runner/cluster/stubs';
import type { Deployment } from '../runner/deployment/deployment';
import type { Journal } from '../runner/progress/journal';
import { criticalPath, efficiency, type Step } from '../runner/progress/steps';
import { table } from '../runner/progress/table';
import { isBroken, type StackOutcome } from '../runner/terraform/stack-run';

/**
 * Says how a run ended: what failed and why, or what runs where, what took how long and what to do next.
 * @param notRun what was left out, a sentence each
 * @returns the exit code
 */
export async function report(
  deployment: Deployment,
  journal: Journal,
  outcomes: readonly StackOutcome[],
  notRun: readonly string[] = [],
): Promise<number> {
  journal.close();
  const broken = outcomes.filter(isBroken);
  for (const { stack, result, errors } of broken) {
    console.log(`\n${stack} ${result === 'failed' ? 'failed' : 'was not begun'}:`);
    for (const error of errors) console.log(indent(error));
    if (result === 'failed') console.log(indent(`the whole log: ${deployment.logFile(stack)}`));
  }
  await writeMergedKubeconfig(deployment);
  const unproven = [...sayStandIns(await readStandIns(deployment)), ...notRun];
  const booted = journal.steps.some(({ id }) => id === 'machines/boot');
  if (!booted && outcomes.every(({ result }) => result === 'unchanged')) {
    console.log(`\n${nothingToDo(outcomes.length, journal.now())}`);
    for (const sentence of unproven) console.log(sentence);
    return 0;
  }
  console.log(`\n${stepsTable(journal.steps)}`);
  console.log(`\n${await nodesTable(deployment)}`);
  console.log(`\n${await endpointsTable(deployment)}`);
  for (const sentence of unproven) console.log(`\n${sentence}`);
  const { makespanSeconds, idleWhileReady } = efficiency(journal.steps);
  console.log(`\n${makespanSeconds.toFixed(1)} s, idle while ready ${(idleWhileReady * 100).toFixed(1)} % of it`);
  console.log(criticalPathLine(journal.steps));
  if (broken.length > 0) {
    console.log('what succeeded is kept; mend what is said above and run "npx flotilla up" again');
    return 1;
  }
  console.log(
    `\nnext: npx flotilla status | npx flotilla ssh ${deployment.model.clusters[0]?.nodes[0]?.name} | npx flotilla kubeconfig > FILE | npx flotilla destroy`,
  );
  return 0;
}

/** What an `up` without changes has compared, and what it has not: Helm and Terraform compare with what they installed, not with what is there now. */
export const nothingToDo = (stacks: number, seconds: number): string =>
  `nothing to do: by Terraform's state, ${stacks} stacks are as the fleet file says (${seconds.toFixed(1)} s)\n` +
  'objects in the clusters that were changed or deleted by hand are not compared; these commands look at them: npx flotilla drift | npx flotilla verify';

/** Every step; those of the critical path carry their share of the makespan. */
export function stepsTable(steps: readonly Step[]): string {
  const shares = new Map(criticalPath(steps).map(({ step, share }) => [step, share]));
  const rows = steps.map((step) => {
    const share = shares.get(step);
    return [
      step.stack,
      step.title,
      step.startSeconds.toFixed(1),
      step.endSeconds === null ? '-' : (step.endSeconds - step.startSeconds).toFixed(1),
      share === undefined ? '' : `◆ ${(share * 100).toFixed(0).padStart(2)} %`,
      step.failed ? 'failed' : '',
    ];
  });
  return table([['stack', 'step', 'began', 'seconds', 'path', ''], ...rows]);
}

/** The chain that decided how long the run took, in one line. */
export function criticalPathLine(steps: readonly Step[]): string {
  const path = criticalPath(steps);
  const sum = (key: 'seconds' | 'waitSeconds'): string => path.reduce((total, link) => total + link[key], 0).toFixed(1);
  return `critical path ◆: ${path.length} of ${steps.length} steps, ${sum('seconds')} s of work and ${sum('waitSeconds')} s between them`;
}

async function nodesTable(deployment: Deployment): Promise<string> {
  const { clusters } = await readStatus(deployment);
  const rows = clusters.flatMap(({ name, nodes }) =>
    nodes.map((node) => [name, node.name, node.role, node.address, node.ready ? 'Ready' : 'not ready']),
  );
  return table([['cluster', 'node', 'role', 'address', ''], ...rows]);
}

async function endpointsTable(deployment: Deployment): Promise<string> {
  const rows = await Promise.all(
    deployment.model.clusters.map(async (cluster) => [
      [cluster.name, 'kubernetes API', apiUrl(deployment, cluster)],
      ...((await readEndpoints(deployment, cluster)) ?? []).map(({ service, url }) => [cluster.name, service, url]),
    ]),
  );
  return table([['cluster', 'service', 'endpoint, the same on every node'], ...rows.flat()]);
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
