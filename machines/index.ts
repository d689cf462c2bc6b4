import { suggestion } from '../config/nearest';
import { UserError } from '../config/problem';
import type { MachineProvider } from './define';
import { nspawn } from './nspawn';
import { readOutsideProvider } from './outside';

export const machineProviders: readonly MachineProvider[] = Object.freeze([nspawn]);

/** What decides the choice; given, so that it can be tested. */
export interface Host {
  readonly platform: string;
  readonly isRoot: boolean;
}

export const thisHost = (): Host => ({ platform: process.platform, isRoot: process.getuid?.() === 0 });

/** All providers that a fleet may name: ours, and the one that FLOTILLA_MACHINE_PROVIDER points at. */
export function knownProviders(environment: NodeJS.ProcessEnv = process.env): readonly MachineProvider[] {
  const file = environment.FLOTILLA_MACHINE_PROVIDER;
  return file ? [readOutsideProvider(file), ...machineProviders] : machineProviders;
}

/** The provider that a fleet names, or for `auto` the one that fits this host (one from outside goes first). Throws UserError when none does. */
export function chooseProvider(wanted: string, environment: NodeJS.ProcessEnv = process.env, host: Host = thisHost()): MachineProvider {
  const known = knownProviders(environment);
  if (wanted !== 'auto') {
    const named = known.find((provider) => provider.id === wanted);
    if (named) return named;
    throw new UserError(`provider "${wanted}": there is none of that name; ${suggestion(wanted, ['auto', ...known.map(({ id }) => id)])}`);
  }
  if (environment.FLOTILLA_MACHINE_PROVIDER) return known[0]!;
  if (host.platform === 'linux' && host.isRoot) return nspawn;
  throw new UserError(
    host.platform === 'linux'
      ? 'provider "auto": on Linux the machines are systemd-nspawn containers, which only root can start; run it as root (sudo)'
      : `provider "auto": there is no machine provider for ${host.platform} yet; run it on Linux as root`,
  );
}
