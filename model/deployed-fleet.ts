import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assignAddresses,
  type DeploymentRecord,
  deploymentName,
  firstFreeNetwork,
  openDeployment,
  readDeployment,
  recordAddresses,
} from '../config/deployment';
import { loadFleet } from '../config/load';
import { chooseProvider } from '../machines';
import { resolve } from './resolve';
import type { ResolvedFleet } from './resolved-fleet';
import { validateFleet } from './validate';

export interface DeployedFleetOptions {
  /** The checkout: holds `fleets/` and `.flotilla/`. */
  readonly root: string;
  /** Name below `fleets/`, or a path that ends in .yaml. */
  readonly fleet: string;
  readonly overlay: string | null;
  /** Networks in use on this host; only a new deployment asks. */
  readonly busyCidrs: readonly string[];
  /** False writes nothing: where there is no deployment yet, the model shows what a new one would look like, with the uid 000000. */
  readonly create: boolean;
}

/**
 * A fleet file and its deployment on this host, resolved. The only place where the two meet.
 * @throws UserError with everything that is wrong, before anything is written
 */
export function openDeployedFleet(options: DeployedFleetOptions): { readonly model: ResolvedFleet; readonly folder: string } {
  const { root, overlay, busyCidrs, create } = options;
  const fleet = loadFleet({ root, fleet: options.fleet, overlay });
  const spec = validateFleet({ fleet });
  const provider = chooseProvider(spec.provider);
  const identity = { fleet: fleet.name, overlay: fleet.overlay, provider: provider.id };
  const nodes = spec.clusters.flatMap((cluster) => cluster.nodes);
  const readFile = (path: string): string | null => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null);

  const folder = join(root, '.flotilla', deploymentName(identity));
  const planned = (): DeploymentRecord => {
    const record = readDeployment(folder) ?? {
      uid: '000000',
      ...identity,
      network: spec.network ?? firstFreeNetwork(busyCidrs),
      addresses: {},
    };
    return { ...record, addresses: { ...assignAddresses(record, nodes) } };
  };
  const deployment = create
    ? recordAddresses(openDeployment({ root, ...identity, network: spec.network, busyCidrs }), nodes).record
    : planned();
  return { model: resolve({ fleet, deployment, provider, readFile }), folder };
}
