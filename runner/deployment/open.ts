import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFleet } from '../../config/load';
import { packageRoot } from '../../config/package-root';
import type { FleetSpec } from '../../config/schema';
import type { SourceChoice, SourceWish } from '../../config/sources';
import { chooseProvider } from '../../machines';
import type { MachineProvider } from '../../machines/define';
import { type Component, catalog } from '../../model';
import { assignAddresses, type DeploymentRecord, deploymentName, firstFreeNetwork } from '../../model/deployment-identity';
import { resolve } from '../../model/resolve';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { selectComponents } from '../../model/select-components';
import { validateFleet } from '../../model/validate';
import { openDeployment, readDeployment, recordAddresses, requireOwnFile } from './record';
import { fleetFilePath } from './recorded-file';

export interface DeployedFleetOptions {
  /** The checkout, or the project that Flotilla is installed in: holds `.flotilla/`, and fleets and values of one's own. */
  readonly root: string;
  /** Name below `fleets/`, or a path that ends in .yaml. */
  readonly fleet: string;
  readonly overlay: string | null;
  /** Networks in use on this host; only a new deployment asks. */
  readonly busyCidrs: readonly string[];
  /** False writes nothing: where there is no deployment yet, the model shows what a new one would look like, with the uid 000000. */
  readonly create: boolean;
  /** Takes the fleet file for the deployment's although a different one is recorded: it was moved. @default false, which refuses it */
  readonly moved?: boolean;
  /** Which source each kind of thing comes from, asked once the fleet is known to be good. @default - everything offline */
  readonly chooseSources?: (question: SourceQuestion) => SourceChoice;
}

/** What the choice of sources may depend on. */
export interface SourceQuestion {
  /** The deployment's folder. */
  readonly folder: string;
  readonly provider: MachineProvider;
  /** Kubernetes minor. */
  readonly kubernetes: string;
  readonly charts: readonly NonNullable<Component['chart']>[];
  /** Sources that the fleet file names. @default - none */
  readonly wanted?: SourceWish;
  /** Folder of charts that need no repository, as the fleet file says it. */
  readonly chartMirror?: string | null;
}

/**
 * A fleet file and its deployment on this host, resolved. The only place where the two meet.
 * @throws UserError with everything that is wrong, before anything is written
 */
export function openDeployedFleet(options: DeployedFleetOptions): { readonly model: ResolvedFleet; readonly folder: string } {
  const { root, overlay, busyCidrs, create } = options;
  const fleet = loadFleet({ root, fleet: options.fleet, overlay });
  // Official sources have every minor that Flotilla knows; whether the chosen source has it too is looked at below.
  const spec = validateFleet({ fleet, ...(options.chooseSources ? { source: 'official' } : {}) });
  const provider = chooseProvider(spec.provider);
  const identity = { fleet: fleet.name, overlay: fleet.overlay, provider: provider.id };
  // Leased addresses are the inventory's: recorded ones would be a second truth.
  const nodes = provider.addresses === 'leased' ? [] : spec.clusters.flatMap((cluster) => cluster.nodes);
  const network = spec.network ?? provider.cidr ?? undefined;
  const readFile = (path: string): string | null => {
    const file = [root, packageRoot()].map((folder) => join(folder, path)).find(existsSync);
    return file === undefined ? null : readFileSync(file, 'utf8');
  };

  const folder = join(root, '.flotilla', deploymentName(identity));
  const file = fleetFilePath(root, fleet.file);
  const recorded = readDeployment(folder);
  if (recorded !== null && !options.moved) requireOwnFile(recorded, { path: file, asGiven: fleet.file });
  const sources = options.chooseSources?.({
    folder,
    provider,
    kubernetes: spec.kubernetes,
    charts: chartsOf(spec),
    wanted: spec.sources,
    chartMirror: spec.charts.mirror ?? null,
  });
  const chosen = sources === undefined ? {} : { sources, source: sources.packages };
  if (sources !== undefined) validateFleet({ fleet, ...chosen });
  const planned = (): DeploymentRecord => {
    const record = recorded ?? {
      uid: '000000',
      ...identity,
      network: network ?? firstFreeNetwork(busyCidrs),
      addresses: {},
    };
    return { ...record, addresses: { ...assignAddresses(record, nodes) } };
  };
  const deployment = create ? recordAddresses(openDeployment({ root, ...identity, network, file, busyCidrs }), nodes).record : planned();
  return { model: resolve({ fleet, deployment, provider, readFile, ...chosen }), folder };
}

const chartsOf = ({ clusters }: FleetSpec): readonly NonNullable<Component['chart']>[] => [
  ...new Set(clusters.flatMap((cluster) => selectComponents(cluster, catalog).components.flatMap(({ chart }) => chart ?? []))),
];
