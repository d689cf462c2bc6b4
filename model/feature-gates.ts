import { minorNumber } from '../config/kubernetes-versions';

/** A gate that we want on: the minors in which it came, was first on by default, and was locked (or is never listed again). */
interface Gate {
  readonly name: string;
  readonly since: number;
  readonly onByDefault: number;
  /** Who knows the gate; another program refuses to start with it. */
  readonly programs: readonly GatedProgram[];
}

export type GatedProgram = 'apiServer' | 'controllerManager' | 'scheduler' | 'kubelet';

const gates: readonly Gate[] = [
  { name: 'InPlacePodVerticalScaling', since: 27, onByDefault: 33, programs: ['apiServer', 'controllerManager', 'scheduler', 'kubelet'] },
  { name: 'HPAConfigurableTolerance', since: 33, onByDefault: 35, programs: ['apiServer', 'controllerManager'] },
];

/**
 * The gates that must be listed for a version, none where all are on by default:
 * a gate that is locked, gone or not yet there stops the program that is given it.
 */
export function featureGates(kubernetesVersion: string, program: GatedProgram): Readonly<Record<string, boolean>> {
  const minor = minorNumber(kubernetesVersion);
  const listed = gates.filter(({ since, onByDefault, programs }) => since <= minor && minor < onByDefault && programs.includes(program));
  return Object.fromEntries(listed.map(({ name }) => [name, true]));
}
