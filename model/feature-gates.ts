import { minorNumber } from '../config/kubernetes-versions';
import type { FeatureGateProfile } from '../config/schema';

/** A feature gate that a profile sets, with the Kubernetes minors in which it appeared, was first on by default, and could no longer be turned off. */
interface Gate {
  readonly name: string;
  readonly since: number;
  readonly onByDefault: number;
  /** From this minor on the gate is locked, or it is not known whether it is: a program that is given a locked gate does not start. */
  readonly locked: number;
  /** Programs that know the gate; another program refuses to start with it. */
  readonly programs: readonly GatedProgram[];
}

export type GatedProgram = 'apiServer' | 'controllerManager' | 'scheduler' | 'kubelet';

const gates: readonly Gate[] = [
  {
    name: 'InPlacePodVerticalScaling',
    since: 27,
    onByDefault: 33,
    // General availability.
    locked: 35,
    programs: ['apiServer', 'controllerManager', 'scheduler', 'kubelet'],
  },
  { name: 'HPAConfigurableTolerance', since: 33, onByDefault: 35, locked: 36, programs: ['apiServer', 'controllerManager'] },
];

/**
 * The gates to list for a version and a profile: `full` turns every gate on, `minimal` turns off what the version allows to turn off. A gate that has the wanted
 * value by default is not listed; neither is one that the version does not know or has locked, because the program would not start.
 */
export function featureGates(
  kubernetesVersion: string,
  program: GatedProgram,
  profile: FeatureGateProfile = 'full',
): Readonly<Record<string, boolean>> {
  const minor = minorNumber(kubernetesVersion);
  const listed = gates.filter(({ since, onByDefault, locked, programs }) => {
    if (minor < since || !programs.includes(program)) return false;
    return profile === 'full' ? minor < onByDefault : minor >= onByDefault && minor < locked;
  });
  return Object.fromEntries(listed.map(({ name }) => [name, profile === 'full']));
}
