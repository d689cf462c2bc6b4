import type { ResolvedCluster } from '../model/resolved-fleet';
import type { Deployment } from './run/deployment';
import type { Journal } from './run/journal';
import { kubectlItems } from './run/kubectl';
import { writeMergedKubeconfig } from './run/merged-kubeconfig';
import { isBroken, type StackOutcome } from './run/stack-run';
import { readStatus } from './run/status';
import { efficiency } from './run/steps';
import { table } from './run/table';

/** Says how a run ended: what failed and why, or what runs where, what took how long and what to do next. @returns the exit code */
export async function report(deployment: Deployment, journal: Journal, outcomes: readonly StackOutcome[]): Promise<number> {
  const broken = outcomes.filter(isBroken);
  for (const { stack, result, errors } of broken) {
    console.log(`\n${stack} ${result === 'failed' ? 'failed' : 'was not begun'}:`);
    for (const error of errors) console.log(indent(error));
    if (result === 'failed') console.log(indent(`the whole log: ${deployment.logFile(stack)}`));
  }
  await writeMergedKubeconfig(deployment);
  const booted = journal.steps.some(({ id }) => id === 'machines/boot');
  if (!booted && outcomes.every(({ result }) => result === 'unchanged')) {
    console.log(`\nnothing to do: ${outcomes.length} stacks are as the fleet file says (${journal.now().toFixed(1)} s)`);
    return 0;
  }
  console.log(`\n${stepsTable(journal)}`);
  console.log(`\n${await nodesTable(deployment)}`);
  console.log(`\n${await endpoints(deployment)}`);
  const { makespanSeconds, idleWhileReady } = efficiency(journal.steps);
  console.log(`\n${makespanSeconds.toFixed(1)} s, idle while ready ${(idleWhileReady * 100).toFixed(1)} % of it`);
  if (broken.length > 0) {
    console.log('what succeeded is kept; mend what is said above and run "flotilla up" again');
    return 1;
  }
  console.log(
    `\nnext: flotilla status | flotilla ssh ${deployment.model.clusters[0]?.nodes[0]?.name} | flotilla kubeconfig > FILE | flotilla destroy`,
  );
  return 0;
}

function stepsTable({ steps }: Journal): string {
  const rows = steps.map((step) => [
    step.stack,
    step.title,
    step.startSeconds.toFixed(1),
    step.endSeconds === null ? '-' : (step.endSeconds - step.startSeconds).toFixed(1),
    step.failed ? 'failed' : '',
  ]);
  return table([['stack', 'step', 'began', 'seconds', ''], ...rows]);
}

async function nodesTable(deployment: Deployment): Promise<string> {
  const { clusters } = await readStatus(deployment);
  const rows = clusters.flatMap(({ name, nodes }) =>
    nodes.map((node) => [name, node.name, node.role, node.address, node.ready ? 'Ready' : 'not ready']),
  );
  return table([['cluster', 'node', 'role', 'address', ''], ...rows]);
}

interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly type: string; readonly ports?: readonly { readonly nodePort?: number }[] };
}

async function endpoints(deployment: Deployment): Promise<string> {
  const perCluster = async (cluster: ResolvedCluster): Promise<string[][]> => {
    const address = cluster.nodes[0]!.address;
    const services = (await kubectlItems<Service>(deployment, cluster, ['services', '--all-namespaces'])) ?? [];
    const ports = services.flatMap(({ metadata, spec }) =>
      (spec.ports ?? []).flatMap(({ nodePort }) =>
        nodePort === undefined ? [] : [[cluster.name, `${metadata.namespace}/${metadata.name}`, `http://${address}:${nodePort}`]],
      ),
    );
    return [[cluster.name, 'kubernetes API', `https://${address}:${cluster.api.port}`], ...ports];
  };
  const rows = (await Promise.all(deployment.model.clusters.map(perCluster))).flat();
  return table([['cluster', 'service', 'endpoint, the same on every node'], ...rows]);
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
