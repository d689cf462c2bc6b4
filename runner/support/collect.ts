import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ownVersion } from '../../config/package-root';
import { kubectl } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { pathsIn } from '../deployment/folder';
import { claims, hostData } from '../host/claims';
import type { Finding } from '../host/finding';
import { observeMachines } from '../machines/machines';
import { table } from '../progress/table';
import { stateAddresses } from '../terraform/state-file';

/** One file of the archive, as it was found. */
export interface Piece {
  readonly path: string;
  readonly what: string;
  readonly text: string;
}

const lastRuns = 3;
const secondsPerQuestion = 5;
const dead = 'no answer: there is no kubeconfig, or the API is dead or slow';

/** What a person needs who is to find a fault from afar. A question that has no answer leaves a sentence in place of the answer. */
export async function collect(deployment: Deployment, findings: () => readonly Finding[]): Promise<readonly Piece[]> {
  const { model, folder } = deployment;
  const [machines, programs, host, clusters] = await Promise.all([
    answer(async () => JSON.stringify(await observeMachines(deployment), null, 2)),
    Promise.all(versions.map(([program, ...args]) => said(program, args, deployment.environment))),
    Promise.all(hostQuestions.map(([program, ...args]) => said(program, args, deployment.environment))),
    Promise.all(model.clusters.map((cluster) => clusterPieces(deployment, cluster))),
  ]);
  return [
    {
      path: 'versions.txt',
      what: 'versions of Flotilla and the programs that it calls',
      text: [`flotilla ${ownVersion()}`, ...programs].join('\n'),
    },
    { path: 'model.json', what: 'the fleet as it was understood', text: JSON.stringify(model, null, 2) },
    { path: 'deployment.json', what: 'who this deployment is: uid, network, addresses', text: read(join(folder, 'deployment.json')) },
    { path: 'doctor.txt', what: 'what doctor finds', text: await answer(async () => findingsTable(findings())) },
    { path: 'machines.json', what: 'machines as the host sees them', text: machines },
    { path: 'claims.json', what: 'deployments on this host', text: JSON.stringify(claims(hostData), null, 2) },
    { path: 'state-addresses.txt', what: 'what the states know, by address; not the states', text: addresses(folder) },
    ...nodePieces(folder),
    { path: 'host.txt', what: 'kernel, memory, disks, links and control groups of this host', text: host.join('\n') },
    ...clusters.flat(),
    ...logPieces(folder),
  ];
}

const versions = [
  ['node', '--version'],
  ['terraform', 'version'],
  ['go', 'version'],
  ['kubectl', 'version', '--client'],
  ['systemd-nspawn', '--version'],
  ['ssh', '-V'],
  ['jq', '--version'],
] as const;

const hostQuestions = [
  ['uname', '-a'],
  ['uptime'],
  ['free', '-m'],
  ['df', '-h'],
  ['ip', '-brief', 'address'],
  ['ip', '-4', 'route'],
  ['nft', 'list', 'tables'],
  ['stat', '-fc', '%T', '/sys/fs/cgroup'],
] as const;

async function clusterPieces(deployment: Deployment, cluster: Deployment['model']['clusters'][number]): Promise<readonly Piece[]> {
  const questions = [
    ['nodes', 'get', 'nodes', '--output=wide'],
    ['pods', 'get', 'pods', '--all-namespaces', '--output=wide'],
    ['events', 'get', 'events', '--all-namespaces', '--sort-by=.lastTimestamp'],
  ] as const;
  return Promise.all(
    questions.map(async ([what, ...args]) => ({
      path: `clusters/${cluster.name}/${what}.txt`,
      what: `${what} of ${cluster.name}`,
      text: await answer(async () => (await kubectl(deployment, cluster, args, secondsPerQuestion)) ?? dead),
    })),
  );
}

function nodePieces(folder: string): readonly Piece[] {
  return pathsIn(join(folder, 'nodes'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      path: `nodes/${basename(file)}`,
      what: `what the machine ${basename(file, '.json')} was made with`,
      text: read(file),
    }));
}

function logPieces(folder: string): readonly Piece[] {
  const all = pathsIn(join(folder, 'logs'));
  const runs = all.filter((path) => !/\.(log|yml)$/.test(path)).slice(-lastRuns);
  const files = [...all.filter((path) => path.endsWith('.log')), ...runs.flatMap((run) => pathsIn(run))];
  return files.map((file) => ({ path: file.slice(folder.length + 1), what: 'log', text: read(file) }));
}

const addresses = (folder: string): string =>
  pathsIn(join(folder, 'state'))
    .filter((file) => file.endsWith('.tfstate'))
    .map((file) => {
      try {
        return [basename(file), ...stateAddresses(file).map((address) => `  ${address}`)].join('\n');
      } catch {
        return `${basename(file)}\n  cannot be read`;
      }
    })
    .join('\n');

const findingsTable = (findings: readonly Finding[]): string =>
  table(findings.map(({ verdict, check, found, remedy }) => [verdict, check, [found, remedy].filter(Boolean).join(' — ')]));

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : 'there is none');

async function answer(question: () => Promise<string>): Promise<string> {
  try {
    return await question();
  } catch (error) {
    return `no answer: ${(error as Error).message}`;
  }
}

const said = (program: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve) => {
    execFile(program, [...args], { env: environment, timeout: secondsPerQuestion * 1000 }, (error, stdout, stderr) => {
      const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      resolve(`$ ${[program, ...args].join(' ')}\n${missing ? 'not here' : `${stdout}${stderr}`.trim()}`);
    });
  });
