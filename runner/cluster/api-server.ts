import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { writeAtOnce } from '../deployment/write-atomically';
import { addressOf } from '../machines/inventory';
import { writeMergedKubeconfig } from './merged-kubeconfig';

/** As kubeconfig.sh writes it. */
const serverLine = /^( *server: )(\S+)$/m;
/** A machine that is off is noticed after about three seconds: nobody answers for its address. More is for a host that is busy. */
const patienceSeconds = 5;

/**
 * Lets a cluster's kubeconfig, and the merged one, name a control plane whose API answers. There is no address that moves from one to another,
 * so whoever needs a cluster of several control planes calls this first. Where none answers, the file stays as it is.
 */
export async function chooseServer(deployment: Deployment, cluster: ResolvedCluster): Promise<void> {
  const file = deployment.kubeconfig(cluster);
  const planes = cluster.nodes.filter(({ role }) => role === 'control-plane');
  if (!existsSync(file)) return;
  const named = serverLine.exec(readFileSync(file, 'utf8'))?.[2];
  const known = planes.map((node) => addressOf(deployment, node)).filter((address) => address !== '-');
  const others = known.map((address) => `https://${address}:${cluster.api.port}`).filter((server) => server !== named);
  if (named === undefined || others.length === 0 || (await answers(deployment, file, named))) return;
  const found = await firstOf(others, (server) => answers(deployment, file, server));
  if (found !== null) nameServer(deployment, file, found);
}

/** In the order of the list, so that everybody chooses the same. */
async function firstOf(servers: readonly string[], holds: (server: string) => Promise<boolean>): Promise<string | null> {
  const held = servers.map(holds);
  for (const [index, server] of servers.entries()) if (await held[index]) return server;
  return null;
}

function answers({ environment }: Deployment, kubeconfig: string, server: string): Promise<boolean> {
  // The certificate is good for the server's address, so the name in the kubeconfig need not be told again.
  const args = [`--kubeconfig=${kubeconfig}`, `--server=${server}`, `--request-timeout=${patienceSeconds}s`, 'get', '--raw=/readyz'];
  return new Promise((resolve) => {
    execFile('kubectl', args, { env: environment, timeout: (patienceSeconds + 2) * 1000 }, (error) => resolve(error === null));
  });
}

/** At once and for nobody else to read; two commands that choose at the same time do not write into one file. */
function nameServer(deployment: Deployment, file: string, server: string): void {
  const text = readFileSync(file, 'utf8');
  writeAtOnce(file, text.replace(serverLine, `$1${server}`), { mode: 0o600 }, `${file}.${process.pid}.new`);
  writeMergedKubeconfig(deployment);
}
