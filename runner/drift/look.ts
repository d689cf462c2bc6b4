import { availableParallelism } from 'node:os';
import type { ResolvedCluster, ResolvedStack } from '../../model/resolved-fleet';
import { apiAnswers, kubectlItems } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { observeMachines } from '../machines/machines';
import { stateAddresses } from '../terraform/state-file';
import type { Difference, Look } from './difference';
import { leases, machineDrift } from './machines';
import { objectDrift } from './objects';
import { resourceDrift } from './resources';

/** A host under load is slow, and calling that a dead API would be wrong. */
const patienceSeconds = 15;

/** Everything that differs from what the last `up` left, place by place. */
export async function lookForDrift(deployment: Deployment): Promise<readonly Look[]> {
  const stacks = deployment.model.stacks.filter(({ name }) => stateAddresses(deployment.stateFile(name)).length > 0);
  const found: Look[] = [{ where: 'machines', differences: machineDrift(deployment, await observeMachines(deployment)), errors: [] }];
  const waiting = [...stacks];
  const worker = async (): Promise<void> => {
    for (let stack = waiting.shift(); stack !== undefined; stack = waiting.shift()) found.push(await stackDrift(deployment, stack));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const places = ['machines', ...stacks.map(({ name }) => name)];
  return found.sort((a, b) => places.indexOf(a.where) - places.indexOf(b.where));
}

async function stackDrift(deployment: Deployment, { name, kind, cluster: of }: ResolvedStack): Promise<Look> {
  const cluster = deployment.model.clusters.find((candidate) => candidate.name === of);
  if (cluster === undefined || kind === 'foundation') return resourceDrift(deployment, name);
  const answers = await apiAnswers(deployment, cluster, patienceSeconds);
  if (kind === 'cluster') {
    const resources = await resourceDrift(deployment, name);
    const nodes = answers ? await nodeDrift(deployment, cluster) : null;
    return merge(name, [resources, nodes ?? silent(name, cluster)]);
  }
  // A refresh against a dead API drops every release without a word, which would look like somebody's deletion.
  if (!answers) return silent(name, cluster);
  const looks = [await resourceDrift(deployment, name), await objectDrift(deployment, cluster)];
  return (await apiAnswers(deployment, cluster, patienceSeconds)) ? merge(name, looks) : silent(name, cluster);
}

const silent = (where: string, { name }: ResolvedCluster): Look => ({
  where,
  differences: [],
  errors: [`the API of ${name} does not answer: "npx flotilla status" tells which machines run, "npx flotilla boot" starts them`],
});

const merge = (where: string, looks: readonly Look[]): Look => ({
  where,
  differences: looks.flatMap(({ differences }) => differences),
  errors: looks.flatMap(({ errors }) => errors),
});

/** Node objects, which kubeadm made and Terraform does not know. */
async function nodeDrift(deployment: Deployment, cluster: ResolvedCluster): Promise<Look | null> {
  const items = await kubectlItems<{ readonly metadata: { readonly name: string } }>(deployment, cluster, ['nodes']);
  if (items === null) return null;
  if (deployment.model.provider.brings === 'clusters') return { where: cluster.name, differences: [], errors: [] };
  const seen = items.map(({ metadata }) => metadata.name);
  const applied = new Set(leases(deployment.stateFile(cluster.name)));
  const differences: Difference[] = [
    ...[...applied]
      .filter((node) => !seen.includes(node))
      .map((node) => ({ address: `Node ${node}`, what: 'deleted', paths: [] }) as const),
    ...seen.filter((node) => !applied.has(node)).map((node) => ({ address: `Node ${node}`, what: 'strange', paths: [] }) as const),
  ];
  return { where: cluster.name, differences, errors: [] };
}
