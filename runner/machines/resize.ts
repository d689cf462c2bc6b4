import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../config/failure';
import { UserError } from '../../config/problem';
import type { Consequence } from '../../machines/define';
import type { ResolvedCluster, ResolvedFleet, ResolvedNode } from '../../model/resolved-fleet';
import { clusterStepName, destroyHookAddress, nodeStepName, nodeSteps, scriptAddress } from '../../model/terraform-names';
import { apiAnswers, kubectl } from '../cluster/kubectl';
import type { Deployment } from '../deployment/deployment';
import { namesIn } from '../deployment/folder';
import type { Journal } from '../progress/journal';
import { waitUntilReady } from './boot';
import { hostScript } from './host-script';
import { type MadeNode, madeNode } from './inventory';
import { startMachine } from './machines';

export type Size = Pick<ResolvedNode, 'cpus' | 'memoryMiB' | 'diskGiB'>;

/** A node whose machine was made with another size than the fleet file asks for now. */
export interface Resize {
  readonly node: ResolvedNode;
  readonly cluster: ResolvedCluster;
  readonly changes: readonly {
    readonly field: keyof Size;
    readonly from: number;
    readonly to: number;
    readonly consequence: Consequence;
  }[];
  /** The gravest of its changes decides. */
  readonly consequence: Consequence;
}

const gravity: readonly Consequence[] = ['nothing', 'restart', 'replace', 'refuse'];
const fields = ['cpus', 'memoryMiB', 'diskGiB'] as const;

/** What has to happen to machines that there are, because their size changed. @throws UserError with every change that cannot be made */
export function plannedResizes({ model, folder }: Pick<Deployment, 'model' | 'folder'>): readonly Resize[] {
  const nodes = model.clusters.flatMap((cluster) =>
    cluster.nodes.map((node) => ({ cluster, node, made: madeNode({ folder }, node.name) })),
  );
  const resizes = nodes.flatMap(({ cluster, node, made }) => (made === null ? [] : (resizeOf(model, cluster, node, made) ?? [])));
  const refusals = [
    ...nodes.flatMap(({ cluster, node, made }) => (made === null ? [] : identityRefusals(cluster, node, made))),
    ...resizes.flatMap((resize) => sizeRefusals(model, resize, resizes)),
  ];
  if (refusals.length > 0)
    throw new UserError(`nothing was changed, because this cannot be:\n${refusals.map((line) => `  ${line}`).join('\n')}`);
  return resizes;
}

function resizeOf({ provider }: ResolvedFleet, cluster: ResolvedCluster, node: ResolvedNode, made: MadeNode): Resize | null {
  const changes = fields
    .filter((field) => made[field] !== undefined && made[field] !== node[field])
    .map((field) => {
      const [from, to] = [made[field], node[field]];
      const { cpus, memoryMiB, diskGiB } = provider.resize;
      return { field, from, to, consequence: { cpus, memoryMiB, diskGiB: to > from ? diskGiB.grow : diskGiB.shrink }[field] };
    });
  if (changes.length === 0) return null;
  const consequence = gravity[Math.max(...changes.map((change) => gravity.indexOf(change.consequence)))]!;
  return { node, cluster, changes, consequence };
}

/** What a machine is cannot be edited. A fixed address is looked after where addresses are given. */
function identityRefusals(cluster: ResolvedCluster, node: ResolvedNode, made: MadeNode): readonly string[] {
  const again = 'take the node out of the fleet file and run "npx flotilla up", then add it again as it shall be';
  const differing = [
    ['role', made.role, node.role],
    ['cluster', made.cluster, cluster.name],
  ].filter(([, from, to]) => from !== to);
  return differing.map(([what, from, to]) => `${node.name}: ${what} ${from} → ${to}: a machine keeps its ${what}; ${again}`);
}

function sizeRefusals(model: ResolvedFleet, resize: Resize, all: readonly Resize[]): readonly string[] {
  const { node, cluster, changes, consequence } = resize;
  const refused = changes.filter((change) => change.consequence === 'refuse');
  if (refused.length > 0)
    return refused.map(
      ({ field, from, to }) =>
        `${node.name}: ${field} ${from} → ${to}: machines of ${model.provider.id} cannot do that; write ${from} again, or take the node out, ` +
        'run "npx flotilla up", and add it with the new size (its data is lost)',
    );
  if (consequence !== 'replace' || node.role !== 'control-plane') return [];
  const others = cluster.nodes.filter(({ role, name }) => role === 'control-plane' && name !== node.name);
  const said = `${node.name}: ${changes.map(told).join(', ')}: it would be replaced, `;
  if (others.length === 0)
    return [`${said}and it is the only control plane: ${cluster.name} would be lost; destroy the fleet if you want that`];
  const first = all.find((other) => other.cluster === cluster && other.node.role === 'control-plane' && other.consequence === 'replace');
  return first === resize ? [] : [`${said}and so would ${first!.node.name}: change one control plane at a time`];
}

const told = ({ field, from, to }: Resize['changes'][number]): string => `${field} ${from} → ${to}`;

/** What will be done, for a person, before it is done. */
export function sayResize({ node, cluster, changes, consequence }: Resize, provider: string): string {
  const drained = node.role === 'worker' || cluster.nodes.filter(({ role }) => role === 'control-plane').length > 1;
  const does = {
    nothing: `only written down, ${provider} does not hold its machines to it`,
    restart: drained ? 'restart: drained, powered down, started' : 'restart: powered down, started; the API is away meanwhile',
    replace: 'replace: drained, deleted with all that is on it, made again',
    refuse: 'refused',
  }[consequence];
  return `${node.name}: ${changes.map(told).join(', ')}: ${does}`;
}

/** The sizes with which machines that are off are started; what is to be replaced starts as it is. */
export const startSizes = (resizes: readonly Resize[]): ReadonlyMap<string, Size> =>
  new Map(resizes.filter(({ consequence }) => consequence === 'restart').map(({ node }) => [node.name, sizeOf(node)]));

/** Addresses to be made again for nodes that are replaced: their lease, which drains and deletes, and what the new machine needs. */
export const replacedAddresses = (resizes: readonly Resize[], cluster: string): readonly string[] =>
  resizes
    .filter((resize) => resize.consequence === 'replace' && resize.cluster.name === cluster)
    .flatMap(({ node: { name } }) => [
      destroyHookAddress(name),
      ...nodeSteps.map((step) => scriptAddress(nodeStepName(step, name))),
      scriptAddress(clusterStepName('serving', cluster)),
    ]);

const sizeOf = ({ cpus, memoryMiB, diskGiB }: ResolvedNode): Size => ({ cpus, memoryMiB, diskGiB });

export interface ResizeOptions {
  readonly deployment: Deployment;
  readonly journal: Journal;
  readonly lock: number;
}

/**
 * Restarts machines that run, one at a time: drained where other nodes can take the pods, powered down, started with the new size, Ready again
 * before the next. A node that an earlier run was killed at is made schedulable again. @throws Failure when one does not come back; the others are left as they are
 */
export async function restartResized(resizes: readonly Resize[], running: ReadonlySet<string>, options: ResizeOptions): Promise<void> {
  const due = resizes.filter(({ node, consequence }) => consequence === 'restart' && running.has(node.name));
  for (const resize of due) await restart(resize, options);
  await finishInterrupted(options);
}

async function restart({ node, cluster, changes }: Resize, options: ResizeOptions): Promise<void> {
  const { deployment, journal, lock } = options;
  const { model, folder, environment } = deployment;
  const step = journal.begin('machines', `resize-${node.name}`, `restart ${node.name}`, ['machines/look', 'machines/boot']);
  const others = cluster.nodes.filter(({ name, role }) => name !== node.name && (node.role === 'worker' || role === 'control-plane'));
  if (others.length > 0 && (await apiAnswers(deployment, cluster))) {
    mark(folder, node.name);
    const drain = ['drain', node.name, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=60s'];
    if ((await kubectl(deployment, cluster, drain, 70)) === null) journal.note(`${node.name}: its drain did not finish in 60 s, going on`);
  }
  const since = new Date();
  const stop = { deployment: folder, uid: model.uid, node: node.name, how: 'clean', timeoutSeconds: 120 };
  await hostScript(`${model.provider.scripts}/machine-stop.sh`, stop, { environment, lock });
  await startMachine(deployment, node.name, lock, sizeOf(node));
  journal.end(step);
  const silent = await waitUntilReady(deployment, journal, { started: [node.name], failed: new Map(), since });
  if (silent.length > 0) {
    throw new Failure(
      `${node.name} was restarted for ${changes.map(told).join(', ')} and is not Ready: npx flotilla ssh ${node.name} -- journalctl -u kubelet; nothing else was begun`,
    );
  }
}

const marks = (folder: string): string => join(folder, 'resizing');

/** A drained node stays closed when we are killed before it is open again. */
function mark(folder: string, node: string): void {
  mkdirSync(marks(folder), { recursive: true });
  writeFileSync(join(marks(folder), node), '');
}

async function finishInterrupted({ deployment, journal }: ResizeOptions): Promise<void> {
  const folder = marks(deployment.folder);
  for (const node of namesIn(folder)) {
    const cluster = deployment.model.clusters.find(({ nodes }) => nodes.some(({ name }) => name === node));
    if (cluster !== undefined && (await kubectl(deployment, cluster, ['uncordon', node])) === null) {
      journal.note(`${node}: could not be opened for pods again, the next "npx flotilla up" tries it`);
      continue;
    }
    rmSync(join(folder, node), { force: true });
  }
}
