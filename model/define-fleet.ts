import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from '../components/define';
import { type LoadedFleet, parseFleet } from '../config/load';
import { packageRoot } from '../config/package-root';
import { FleetError, type FleetProblem } from '../config/problem';
import type { FleetInput } from '../config/schema';
import { everyKindFrom, type SourceChoice } from '../config/sources';
import { chooseProvider } from '../machines';
import type { MachineProvider } from '../machines/define';
import { assignAddresses } from './deployment-identity';
import { resolve } from './resolve';
import type { ResolvedFleet } from './resolved-fleet';

export interface DefineFleetOptions {
  /** Six hexadecimal digits that mark everything the fleet makes. Two fleets on one host need different ones. @default - derived from the name */
  readonly uid?: string;
  /** @default - the provider that the fleet names, for `auto` the one that fits this host */
  readonly provider?: MachineProvider;
  /** Components that the fleet can install. @default - all of Flotilla's */
  readonly catalog?: readonly Component[];
  /** Where packages, images, charts and Terraform providers come from. @default - everything official */
  readonly sources?: SourceChoice;
}

/**
 * A fleet from a typed object, with the same fields, defaults and rules as a fleet file. Addresses of the nodes depend on the object alone.
 * @throws FleetError with everything that is wrong
 */
export function defineFleet(input: FleetInput & { readonly name: string }, options: DefineFleetOptions = {}): ResolvedFleet {
  const fleet = withoutLines(parseFleet({ file: `${input.name}.yaml`, text: JSON.stringify(input) }));
  if (fleet.spec === null) throw new FleetError(input.name, fleet.problems);
  const { catalog, sources = everyKindFrom('official'), uid = uidOf(input.name) } = options;
  const provider = options.provider ?? chooseProvider(fleet.spec.provider);
  const network = fleet.spec.network ?? provider.cidr ?? '10.77.0.0/24';
  const nodes = provider.addresses === 'leased' ? [] : fleet.spec.clusters.flatMap((cluster) => cluster.nodes);
  const deployment = { uid, network, addresses: assignAddresses({ network, addresses: {} }, nodes) };
  return resolve({ fleet, deployment, provider, sources, source: sources.packages, readFile, ...(catalog ? { catalog } : {}) });
}

/** An object has fields, but no lines. */
function withoutLines({ problems, locate, ...fleet }: LoadedFleet): LoadedFleet {
  const strip = ({ line: _, ...problem }: FleetProblem): FleetProblem => problem;
  return { ...fleet, problems: problems.map(strip), locate: (problem) => strip(locate(problem)) };
}

const uidOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 6);

function readFile(path: string): string | null {
  const file = join(packageRoot(), path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
