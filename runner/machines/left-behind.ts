import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../config/problem';
import { knownProviders } from '../../machines';
import type { MachineProvider } from '../../machines/define';
import { namesIn } from '../deployment/folder';
import { claims, hostData } from '../host/claims';
import { hostScript } from './host-script';

interface Found {
  readonly machines: readonly { readonly node: string; readonly state: string }[];
}

/**
 * Removes what a deployment left on this host whose checkout is gone, and with it the state: its machines, bridge, registry and files, found by the uid alone.
 * Only its own provider is asked: another one takes what this one keeps on the host for machines.
 * @returns the nodes whose machines were deleted
 * @throws UserError when nothing tells whose machines they are
 */
export async function removeLeftBehind(uid: string, data = hostData): Promise<readonly string[]> {
  const { scripts, hostScripts, brings } = providerOf(uid, data);
  // The scripts want a deployment's folder; this one stands in for the lost one.
  const deployment = mkdtempSync(join(tmpdir(), 'flotilla-left-behind-'));
  for (const part of ['nodes', 'secrets', 'logs', 'kubeconfig']) mkdirSync(join(deployment, part));
  const run = (script: string, node: string): Promise<string> => hostScript(script, { deployment, uid, node });
  try {
    const { machines } = JSON.parse(await run(`${scripts}/machines.sh`, 'host')) as Found;
    if (brings === 'clusters') for (const cluster of markedClusters(uid, data)) await run(`${scripts}/cluster-delete.sh`, cluster);
    else for (const { node } of machines) await run(`${scripts}/machine-delete.sh`, node);
    await run(hostScripts.release, 'host');
    return machines.map(({ node }) => node);
  } finally {
    rmSync(deployment, { recursive: true, force: true });
  }
}

/** Clusters of which the host has a mark, as scripts/lib/kind.sh leaves them. */
const markedClusters = (uid: string, data: string): readonly string[] =>
  namesIn(join(data, uid, 'clusters')).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []));

function providerOf(uid: string, data: string): MachineProvider {
  const claimed = claims(data).find((claim) => claim.uid === uid)?.provider;
  // Claims that do not tell are of nspawn: when they were written there was no other.
  const id = claimed ?? (existsSync(join(data, uid, 'clusters')) ? 'kind' : existsSync(join(data, uid, 'machines')) ? null : 'nspawn');
  if (id === null)
    throw new UserError(
      `uid "${uid}": ${join(data, uid, 'owner.json')} does not tell the provider of ${namesIn(join(data, uid, 'machines')).join(', ')}; ` +
        'write {"uid", "deployment", "checkout", "provider"} there, or remove the machines with the tools of the provider',
    );
  const provider = knownProviders().find((known) => known.id === id);
  if (provider !== undefined) return provider;
  throw new UserError(
    `uid "${uid}": its provider "${id}" is not known here; point FLOTILLA_MACHINE_PROVIDER at the file that describes it, then run this again`,
  );
}
