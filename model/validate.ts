import { catalog as ourCatalog } from '../components';
import type { Component } from '../components/define';
import type { KubernetesSource } from '../config/kubernetes-versions';
import type { LoadedFleet } from '../config/load';
import { FleetError, type FleetProblem, UserError } from '../config/problem';
import type { FleetSpec } from '../config/schema';
import { chooseProvider, knownProviders } from '../machines';
import type { MachineProvider } from '../machines/define';
import { problemsByRules } from './problems-by-rules';
import { rules as ourRules } from './rules';
import type { Rule } from './rules/rule';
import { asSetting, secretsIn } from './secret-shapes';

export interface ValidateOptions {
  readonly fleet: LoadedFleet;
  /** The deployment's recorded network. @default - the fleet's own, if it names one */
  readonly network?: string;
  /** @default - ours and the one of FLOTILLA_MACHINE_PROVIDER */
  readonly providers?: readonly MachineProvider[];
  /** The one that carries the fleet. @default - the one that the fleet names; for `auto` what fits this host, if anything does */
  readonly provider?: MachineProvider;
  /** @default 'offline' */
  readonly source?: KubernetesSource;
  /** @default - all of components/ */
  readonly catalog?: readonly Component[];
  /** @default - all of model/rules/ */
  readonly rules?: readonly Rule[];
}

/** Everything that is wrong with a fleet, what was found while reading it included. */
export function problemsOf(options: ValidateOptions): readonly FleetProblem[] {
  const { fleet, providers = knownProviders(), source = 'offline', catalog = ourCatalog, rules = ourRules } = options;
  if (fleet.spec === null) return fleet.problems;
  const network = options.network ?? fleet.spec.network ?? null;
  const provider = options.provider ?? providerOf(fleet.spec.provider, providers);
  const facts = { spec: fleet.spec, fleetName: fleet.name, network, providers, provider, catalog, source };
  const broken = problemsByRules(facts, rules).map(fleet.locate);
  const hidden = fleet.problems.filter(({ path }) => path.length > 0);
  const extensions = fleet.extensions.flatMap(({ path, value }) => secretsIn(value, path, asSetting));
  return [
    ...fleet.problems,
    ...broken.filter((problem) => !hidden.some((fault) => isWithin(fault, problem))),
    ...extensions.map((secret) => fleet.locate({ id: 'secret-values', ...secret })),
  ];
}

/** The fleet's spec, or a FleetError (exit code 2) that says all that is wrong. Writes nothing: call it before a deployment is opened. */
export function validateFleet(options: ValidateOptions): FleetSpec {
  const problems = problemsOf(options);
  if (problems.length > 0 || options.fleet.spec === null) throw new FleetError(options.fleet.name, problems);
  return options.fleet.spec;
}

function providerOf(wanted: string, providers: readonly MachineProvider[]): MachineProvider | null {
  if (wanted !== 'auto') return providers.find(({ id }) => id === wanted) ?? null;
  try {
    return chooseProvider(wanted);
  } catch (error) {
    // Nothing fits this host: who needs a provider says so, the fleet can be judged without.
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** A rule about something whose parts were left out as faulty, or replaced by a stand-in, judges a fleet that nobody wrote. */
function isWithin(fault: FleetProblem, problem: FleetProblem): boolean {
  if (fault.id === 'unknown-key') return false;
  const [, , field] = fault.path;
  // The role decides what a cluster installs.
  const byRole = fault.path.length === 3 && field === 'role' ? [[...fault.path.slice(0, 2), 'components']] : [];
  return [fault.path, ...byRole].some((path) => isPrefix(path, problem.path) || isPrefix(problem.path, path));
}

const isPrefix = (short: FleetProblem['path'], long: FleetProblem['path']): boolean =>
  short.length <= long.length && short.every((part, index) => part === long[index]);
