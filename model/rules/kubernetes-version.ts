import { kubernetesWindow, minorNumber, minorsOf } from '../../config/kubernetes-versions';
import type { FleetSpec } from '../../config/schema';
import { broughtKubernetes, kubernetesOf } from '../kubernetes-of';
import type { Rule } from './rule';

const { oldest, newest, warnBelow } = kubernetesWindow;

/** The minor is one that Flotilla knows and that the source in use, or the node image of clusters that are brought, has. */
export const kubernetesVersion: Rule = {
  id: 'kubernetes-version',
  check: ({ spec, source, provider }) => {
    const [path, value] = [['kubernetes'], spec.kubernetes];
    const minor = minorNumber(value);
    if (!value.startsWith('1.') || minor < minorNumber(oldest) || minor > minorNumber(newest)) {
      return [{ path, value, rule: `is outside of ${oldest} to ${newest}`, remedy: `write "${warnBelow}" (in quotes)` }];
    }
    const brought = broughtKubernetes(spec, provider);
    if (brought !== null && minorNumber(brought) !== minor) {
      const has = `1.${minorNumber(brought)}`;
      const wayOut = { remedy: `write "${has}" (in quotes), or name an image with ${value}`, changes: [{ path, value: has }] };
      return [{ path, value, rule: `is not what the node image brings, which is ${brought}`, remedy: wayOut.remedy, waysOut: [wayOut] }];
    }
    if (kubernetesOf(spec, provider, source) !== null) return [];
    const rule = `cannot be had from the ${source} source`;
    return [{ path, value, rule, remedy: `write one of ${minorsOf(source).join(', ')} (in quotes)` }];
  },
};

export function kubernetesWarnings({ kubernetes }: Pick<FleetSpec, 'kubernetes'>): readonly string[] {
  if (minorNumber(kubernetes) >= minorNumber(warnBelow)) return [];
  return [`kubernetes ${kubernetes} is no longer supported upstream; write "${warnBelow}" when your workloads allow it`];
}
