import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../config/failure';
import { apiAnswers } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { pathsIn } from '../deployment/folder';
import { stateAddresses } from '../terraform/state-file';
import { hostScript } from './host-script';
import { observeMachines } from './machines';

export interface Objection {
  readonly found: string;
  readonly remedy: string;
  /** A person who knows better may overrule it. */
  readonly forceable: boolean;
}

/** What would be dropped, a line each; nothing when nothing is recorded. @param cluster `null`: of the whole deployment */
export function whatIsKept(deployment: Deployment, cluster: string | null): readonly string[] {
  const files = recordsOf(deployment, cluster);
  return files.map((file) => {
    const path = file.slice(deployment.folder.length + 1);
    return file.endsWith('.tfstate') ? `${path} (${stateAddresses(file).length} resources)` : path;
  });
}

/** Why the records may still be needed: machines that exist, an API that answers. */
export async function whatSpeaksAgainst(deployment: Deployment, cluster: string | null): Promise<readonly Objection[]> {
  const objections: Objection[] = [];
  const mine = new Set(nodesOf(deployment, cluster));
  try {
    const machines = (await observeMachines(deployment)).filter(({ state }) => state !== 'absent');
    // A machine that no record tells of may be of any cluster.
    const found = machines.filter(({ node, unknown }) => cluster === null || unknown || mine.has(node));
    for (const { node, state } of found)
      objections.push({
        found: `the machine of ${node} ${state === 'running' ? 'runs' : 'exists, it is off'}`,
        remedy:
          'machines go first: "npx flotilla destroy" takes them down with their records, or take the cluster out of the fleet file and run "npx flotilla up"',
        forceable: false,
      });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    objections.push({
      found: `the machines cannot be looked at: ${error.message}`,
      remedy: 'see to that, or add --force',
      forceable: true,
    });
  }
  const clusters = deployment.model.clusters.filter(({ name }) => cluster === null || name === cluster);
  const answering = await Promise.all(clusters.map(async (one) => ((await apiAnswers(deployment, one)) ? [one.name] : [])));
  for (const name of answering.flat())
    objections.push({
      found: `the API of ${name} answers: it is not dead`,
      remedy: '"npx flotilla destroy" takes it down; or add --force',
      forceable: true,
    });
  return objections;
}

/** Drops the records; for a whole deployment also its claim on the host, bridge and registry. Its logs stay. @throws Failure */
export async function drop(deployment: Deployment, cluster: string | null, lock: number): Promise<void> {
  const { model, folder, environment } = deployment;
  // While the folder still tells who we are.
  if (cluster === null)
    await hostScript(model.provider.hostScripts.release, { deployment: folder, uid: model.uid, node: 'host' }, { environment, lock });
  for (const file of recordsOf(deployment, cluster)) rmSync(file, { recursive: true, force: true });
}

/** Names of the nodes that are recorded as the cluster's. */
function nodesOf({ model, folder }: Deployment, cluster: string | null): readonly string[] {
  const wanted = model.clusters
    .filter(({ name }) => cluster === null || name === cluster)
    .flatMap(({ nodes }) => nodes.map(({ name }) => name));
  const made = nodeFiles(folder)
    .filter((file) => cluster === null || (JSON.parse(readFileSync(file, 'utf8')) as { cluster?: string }).cluster === cluster)
    .map((file) => basename(file, '.json'));
  return [...new Set([...wanted, ...made])];
}

function recordsOf(deployment: Deployment, cluster: string | null): readonly string[] {
  const { folder } = deployment;
  if (cluster === null) return pathsIn(folder).filter((file) => !['logs', 'lock'].includes(basename(file)));
  const stacks = [cluster, `${cluster}-platform`];
  const states = pathsIn(join(folder, 'state')).filter((file) => stacks.some((stack) => basename(file).startsWith(`${stack}.tfstate`)));
  const applied = pathsIn(join(folder, 'applied', 'stacks')).filter((file) =>
    stacks.some((stack) => [stack, `${stack}.before`].includes(basename(file))),
  );
  const nodes = nodesOf(deployment, cluster);
  return [
    ...states,
    ...applied,
    ...nodeFiles(folder).filter((file) => nodes.includes(basename(file, '.json'))),
    ...nodes.map((node) => join(folder, 'secrets', 'ssh', 'known_hosts.d', node)),
    ...stacks.map((stack) => join(folder, 'tearing-down', stack)),
    join(folder, 'kubeconfig', cluster),
  ].filter((file) => existsSync(file));
}

const nodeFiles = (folder: string): readonly string[] => pathsIn(join(folder, 'nodes')).filter((file) => file.endsWith('.json'));
