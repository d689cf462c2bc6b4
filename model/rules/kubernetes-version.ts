import { kubernetesPin, kubernetesWindow, minorNumber, minorsOf } from '../../config/kubernetes-versions';
import type { FleetSpec } from '../../config/schema';
import type { Rule } from './rule';

const { oldest, newest, warnBelow } = kubernetesWindow;

/** The minor is one that Flotilla knows and that the source in use has. */
export const kubernetesVersion: Rule = {
  id: 'kubernetes-version',
  check: ({ spec, source }) => {
    const [path, value] = [['kubernetes'], spec.kubernetes];
    const minor = minorNumber(value);
    if (!value.startsWith('1.') || minor < minorNumber(oldest) || minor > minorNumber(newest)) {
      return [{ path, value, rule: `is outside of ${oldest} to ${newest}`, remedy: `write "${warnBelow}" (in quotes)` }];
    }
    if (kubernetesPin(value, source) !== null) return [];
    const rule = `cannot be had from the ${source} source`;
    return [{ path, value, rule, remedy: `write one of ${minorsOf(source).join(', ')} (in quotes)` }];
  },
};

export function kubernetesWarnings({ kubernetes }: Pick<FleetSpec, 'kubernetes'>): readonly string[] {
  if (minorNumber(kubernetes) >= minorNumber(warnBelow)) return [];
  return [`kubernetes ${kubernetes} is no longer supported upstream; write "${warnBelow}" when your workloads allow it`];
}
