import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFleet } from '../config/load';
import { packageRoot } from '../config/package-root';
import { chooseProvider } from '../machines';
import { assignAddresses } from '../model/deployment-identity';
import { resolve } from '../model/resolve';
import type { ResolvedFleet } from '../model/resolved-fleet';

/** Every fleet of the repository as a new deployment would have it; `auto` is nspawn, wherever the documents are made. */
export function knownFleets(): readonly ResolvedFleet[] {
  const root = packageRoot();
  const names = readdirSync(join(root, 'fleets')).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
  const readFile = (path: string): string | null => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null);
  return names.sort().map((name) => {
    const fleet = loadFleet({ root, fleet: name, overlay: null });
    const wanted = fleet.spec?.provider ?? 'auto';
    const provider = chooseProvider(wanted === 'auto' ? 'nspawn' : wanted, {});
    const network = fleet.spec?.network ?? provider.cidr ?? '10.77.0.0/24';
    const nodes = provider.addresses === 'leased' ? [] : (fleet.spec?.clusters.flatMap((cluster) => cluster.nodes) ?? []);
    const deployment = { uid: '000000', network, addresses: assignAddresses({ network, addresses: {} }, nodes) };
    return resolve({ fleet, deployment, provider, readFile, source: wanted === 'auto' ? 'offline' : 'official' });
  });
}
