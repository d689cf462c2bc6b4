import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineProviders } from '../../machines';
import { hostScript } from './host-script';

interface Found {
  readonly machines: readonly { readonly node: string; readonly state: string }[];
}

/**
 * Removes what a deployment left on this host whose checkout is gone, and with it the state: its machines, bridge, registry and files, found by the uid alone.
 * @returns the nodes whose machines were deleted
 */
export async function removeLeftBehind(uid: string): Promise<readonly string[]> {
  // The scripts want a deployment's folder; this one stands in for the lost one.
  const deployment = mkdtempSync(join(tmpdir(), 'flotilla-left-behind-'));
  for (const part of ['nodes', 'secrets', 'logs']) mkdirSync(join(deployment, part));
  try {
    const deleted: string[] = [];
    for (const provider of machineProviders) {
      const { machines } = JSON.parse(await hostScript(`${provider.scripts}/machines.sh`, { deployment, uid })) as Found;
      for (const { node } of machines) await hostScript(`${provider.scripts}/machine-delete.sh`, { deployment, uid, node });
      await hostScript(provider.hostScripts.release, { deployment, uid, node: 'host' });
      deleted.push(...machines.map(({ node }) => node));
    }
    return deleted;
  } finally {
    rmSync(deployment, { recursive: true, force: true });
  }
}
