import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { openDeployedFleet } from '../../runner/deployment/open';
import { kill, Lab, type Stack, waitUntil } from './terraform-lab';

const clusterOf = (name: string, id: number, workers: number): object => ({
  name,
  id,
  role: 'standalone',
  components: { add: ['bridge-cni'] },
  nodes: [
    { name: `${name}-cp-1`, role: 'control-plane', cpus: 2, memoryMiB: 2048, diskGiB: 20 },
    ...Array.from({ length: workers }, (_, index) => ({
      name: `${name}-worker-${index + 1}`,
      role: 'worker',
      cpus: 1,
      memoryMiB: 1024,
      diskGiB: 20,
    })),
  ],
});

/** Two clusters, `hub` and `edge`, on machines whose addresses are leased, up to the kubeconfigs: what is installed needs a live API. */
export function leasedModel(checkout: string, provider: 'tart' | 'multipass', workers = 1): ResolvedFleet {
  const clusters = ['hub', 'edge'].map((name, index) => clusterOf(name, index + 1, workers));
  const fleet = { provider, kubernetes: '1.35', domain: 'flotilla.internal', budget: { memoryMiB: 65536 }, clusters };
  writeFileSync(join(checkout, 'fleets', `two-${provider}.yaml`), JSON.stringify(fleet));
  const { model } = openDeployedFleet({ root: checkout, fleet: `two-${provider}`, overlay: null, busyCidrs: [], create: true });
  return { ...model, stacks: model.stacks.filter(({ kind }) => kind !== 'platform') };
}

/** A model without what comes after the machines, and the change of its stacks that goes with it: most of a run's time is spent on kubeadm's steps. */
export const machinesOnly = (model: ResolvedFleet): ResolvedFleet => ({
  ...model,
  stacks: model.stacks.filter(({ kind }) => kind !== 'links'),
});

export function leaveMachines({ resource: { null_resource: resources } }: Stack): void {
  for (const name of Object.keys(resources)) if (!/^(lease|lab|ssh-key|machine-.*|teardown)$/.test(name)) delete resources[name];
  for (const resource of Object.values(resources)) {
    const dependsOn = resource.depends_on as string[] | undefined;
    if (dependsOn) resource.depends_on = dependsOn.filter((address) => address.replace(/^null_resource\.|\[.*/g, '') in resources);
  }
}

/** Lets every node be Ready, whatever machines there are. */
export function standInForKubernetes(lab: Lab, model: ResolvedFleet): void {
  const items = nodesOf(model).map((name) => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
    spec: { renewTime: '2100-01-01T00:00:00.000000Z' },
  }));
  rmSync(join(lab.bin, 'kubectl'));
  writeFileSync(join(lab.bin, 'kubectl'), `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ items })}\nEND\n`, { mode: 0o755 });
  mkdirSync(join(lab.folder, 'kubeconfig'), { recursive: true });
  for (const { kubeconfig } of model.clusters) writeFileSync(join(lab.folder, kubeconfig), '{}\n');
}

export const nodesOf = ({ clusters }: ResolvedFleet): readonly string[] =>
  clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name)).sort();

export const tartHome = (lab: Lab): string => join(lab.state, 'tart');
const hostData = (lab: Lab): string => join(lab.host, 'host-data');

/** A fresh fake host on which nothing was ever made, with the stacks of the model. */
export function openLab(checkout: string, stacks: string, model: ResolvedFleet, change: (stack: Stack) => void = () => {}): Lab {
  const lab = new Lab(checkout);
  lab.environment.FLOTILLA_HOST_DATA = hostData(lab);
  lab.environment.TART_HOME = tartHome(lab);
  mkdirSync(tartHome(lab));
  lab.use(stacks, model, change);
  return lab;
}

/** Ends what a lab has started, also what launchd runs for it. */
export function closeLab(lab: Lab): void {
  lab.killRuns();
  for (const pid of daemonsOf(lab)) killIfThere(pid);
  lab.dispose();
}

/** Machines of Tart by their names, with what makes each of them that one and no other. */
export const tartMachines = (lab: Lab): Readonly<Record<string, string>> =>
  Object.fromEntries(
    list(join(tartHome(lab), 'vms')).map((name) => [
      name,
      String(JSON.parse(readFileSync(join(tartHome(lab), 'vms', name, 'config.json'), 'utf8')).macAddress),
    ]),
  );

/** Processes that launchd runs for this fake host: they carry its TART_HOME and nothing of a run. */
export const daemonsOf = (lab: Lab): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && variables(pid).includes(`TART_HOME=${tartHome(lab)}`));

/** The host loses its power: machines, agents and what runs end; launchd has forgotten them when it is back. */
export async function cutPower(lab: Lab): Promise<void> {
  for (let found = [...daemonsOf(lab), ...machineProcesses(lab)]; found.length > 0; ) {
    found.forEach(killIfThere);
    await waitUntil('they are dead', () => found.every((pid) => variables(pid).length === 0));
    found = [...daemonsOf(lab), ...machineProcesses(lab)];
  }
  rmSync(join(lab.state, 'launchd'), { recursive: true, force: true });
}

const machineProcesses = (lab: Lab): readonly number[] => lab.machines().map((node) => lab.processOf(node));

/** What there is on the fake host that should be gone after `destroy`. */
export const leftovers = (lab: Lab): readonly string[] => [
  ...list(join(tartHome(lab), 'vms')).map((name) => `machine ${name}`),
  ...list(join(lab.state, 'multipass')).map((name) => `instance ${name}`),
  ...list(join(lab.state, 'machines')).map((name) => `body of ${name}`),
  ...list(join(lab.state, 'launchd')).map((name) => `agent ${name}`),
  ...(existsSync(hostData(lab)) ? readdirSync(hostData(lab), { recursive: true }).map((file) => `host data ${file}`) : []),
  ...list(lab.folder)
    .filter((file) => !['logs', 'lock'].includes(file))
    .map((file) => `deployment's ${file}`),
  ...daemonsOf(lab).map((pid) => `process ${pid}: ${commandLine(pid)}`),
  ...machineProcesses(lab).map((pid) => `process ${pid}: ${commandLine(pid)}`),
];

/** What runs or lies about beside the machines of the fleet while they are up. */
export const disorder = (lab: Lab, nodes: readonly string[]): readonly string[] => [
  ...machineProcesses(lab).flatMap((pid) =>
    holdsOpen(pid, join(lab.folder, 'lock')) ? [`process ${pid} holds the deployment's lock`] : [],
  ),
  ...list(join(hostData(lab), uidOf(lab), 'machines'))
    .filter((file) => file.endsWith('.json') && !nodes.includes(file.replace(/\.json$/, '')))
    .map((file) => `mark ${file}`),
  ...list(join(lab.state, 'launchd'))
    .filter((label) => !nodes.includes(label.replace(/^flotilla\.f.{6}-/, '')))
    .map((label) => `agent ${label}`),
  ...list(join(lab.folder, 'secrets'))
    .filter((file) => file.startsWith('askpass'))
    .map((file) => `secret ${file}`),
];

export const uidOf = (lab: Lab): string => (JSON.parse(readFileSync(join(lab.folder, 'model.json'), 'utf8')) as ResolvedFleet).uid;

export const inventoryOf = (lab: Lab, node: string): { address: string; gateway: string; registry: string } =>
  JSON.parse(readFileSync(join(lab.folder, 'nodes', `${node}.json`), 'utf8'));

/** Processes that hang because the plan says so, gone with everything that a run has started. */
export async function awaitHangs(lab: Lab, keys: readonly string[], seconds: number): Promise<void> {
  const hanging = (): string => (existsSync(join(lab.state, 'hanging')) ? readFileSync(join(lab.state, 'hanging'), 'utf8') : '');
  const deadline = Date.now() + seconds * 1000;
  while (!keys.every((key) => hanging().split('\n').includes(key)) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

const list = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

const variables = (pid: number): readonly string[] => read(`/proc/${pid}/environ`).split('\0').filter(Boolean);
const commandLine = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

function holdsOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return list(folder).some((descriptor) => {
    try {
      return readlinkSync(join(folder, descriptor)) === file;
    } catch {
      return false;
    }
  });
}

/** Empty for what has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function killIfThere(pid: number): void {
  try {
    kill(pid);
  } catch {
    // It has ended by itself.
  }
}
