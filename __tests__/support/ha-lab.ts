import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { FleetStatus } from '../../runner/cluster/status';
import { type Ended, eventually, flotilla, root, start } from './lab-command';

export const folder = join(root, '.flotilla', 'ha@nspawn');
export const planes = ['solid-cp-1', 'solid-cp-2', 'solid-cp-3'];
export const worker = 'solid-worker-1';

const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
export const uid = (): string => read('deployment.json').uid;

let fleet = 'ha';
/** The fleet file from now on, a name or a path; the next `up` has to be told that it moved. */
export const useFleet = (file: string): void => {
  fleet = file;
};

/** The command on the fleet `ha`. */
export const ha = (verb: string, ...args: string[]): Promise<Ended> => flotilla(verb, '--fleet', fleet, ...args);
export const quietly = (verb: string, ...args: string[]): Promise<Ended> => start(verb, '--fleet', fleet, ...args).ended;

export async function status(): Promise<FleetStatus> {
  return JSON.parse((await quietly('status', '--json')).output);
}

/** `fleets/ha.yaml` with these control planes only, as a file of its own. */
export function fleetOf(kept: readonly string[]): string {
  const tree = parse(readFileSync(join(root, 'fleets', 'ha.yaml'), 'utf8'));
  const [cluster] = tree.clusters;
  cluster.nodes = cluster.nodes.filter(({ name }: { name: string }) => kept.includes(name) || name === worker);
  const file = join(mkdtempSync(join(tmpdir(), 'flotilla-')), 'ha.yaml');
  writeFileSync(file, stringify(tree));
  return file;
}

/** As a person would: plain kubectl and a kubeconfig. */
export function kubectl(kubeconfig: string, ...args: string[]): string {
  const words = [`--kubeconfig=${kubeconfig}`, '--request-timeout=10s', ...args];
  return execFileSync(join(read('sources.json').bin, 'kubectl'), words, {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What `flotilla kubeconfig` gives at this moment, in a file. */
export async function kubeconfig(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'flotilla-')), 'kubeconfig');
  const { code, output } = await quietly('kubeconfig');
  if (code !== 0) throw new Error(output);
  writeFileSync(file, output, { mode: 0o600 });
  return file;
}

/** One machine loses its power. @param silently its link goes before, so that nobody hears its connections end */
export function cut(node: string, silently = false): void {
  if (silently) execFileSync('ip', ['link', 'set', `vb-f${uid()}-${node}`, 'down']);
  machineScript('machine-stop', node, { how: 'power-cut', timeoutSeconds: 10 });
}

/** The machine is gone with its disk, and nobody was told. */
export function loseByHand(node: string): void {
  cut(node);
  execFileSync('rm', ['-rf', join('/var/lib/flotilla', uid(), node)]);
}

function machineScript(name: string, node: string, more: object): void {
  const input = { deployment: folder, uid: uid(), node, ...more };
  execFileSync('bash', [join(root, 'scripts', 'host', 'nspawn', `${name}.sh`)], { env: { ...process.env, INPUT: JSON.stringify(input) } });
}

/** Members of etcd that are healthy, by the address of each, as one that is asked says. */
export async function healthyMembers(asked: string): Promise<readonly string[]> {
  const pki = '/etc/kubernetes/pki/etcd';
  const tls = [`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`];
  const etcdctl = [
    '-n',
    'kube-system',
    'exec',
    `etcd-${asked}`,
    '--',
    'etcdctl',
    ...tls,
    'endpoint',
    'health',
    '--cluster',
    '--write-out=json',
  ];
  const told = JSON.parse(kubectl(await kubeconfig(), ...etcdctl)) as { endpoint: string; health: boolean }[];
  return told
    .filter(({ health }) => health)
    .map(({ endpoint }) => new URL(endpoint).hostname)
    .sort();
}

/** Waits until etcd has exactly these control planes, all healthy. */
export async function hasMembers(...nodes: readonly string[]): Promise<void> {
  const wanted = nodes.map((node) => read(`nodes/${node}.json`).address).sort();
  await eventually(90, async () => (JSON.stringify(await healthyMembers(nodes[0]!)) === JSON.stringify(wanted) ? true : null));
}

/** Looks once a second, by another control plane's address, whether the node is Ready; tells every time that it was not. */
export function watchReady(node: string, by: string): { end: () => { looks: number; trouble: readonly string[] } } {
  const trouble: string[] = [];
  const began = Date.now();
  let looks = 0;
  const jsonpath = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  const server = `https://${read(`nodes/${by}.json`).address}:6443`;
  const words = [
    `--kubeconfig=${join(folder, 'kubeconfig', 'solid')}`,
    `--server=${server}`,
    '--request-timeout=10s',
    'get',
    'node',
    node,
    jsonpath,
  ];
  const timer = setInterval(() => {
    execFile(join(read('sources.json').bin, 'kubectl'), words, (error, ready) => {
      // That the API does not answer for a moment is another test's business.
      if (error !== null) return;
      looks += 1;
      if (ready !== 'True') trouble.push(`after ${Math.round((Date.now() - began) / 1000)} s: ${ready}`);
    });
  }, 1000);
  return {
    end: () => {
      clearInterval(timer);
      return { looks, trouble };
    },
  };
}
