import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suggestion } from '../config/nearest';
import { UserError } from '../config/problem';
import type { MachineProvider } from './define';
import { kind } from './kind';
import { multipass } from './multipass';
import { nspawn } from './nspawn';
import { readOutsideProvider } from './outside';
import { tart } from './tart';

export const machineProviders: readonly MachineProvider[] = Object.freeze([nspawn, tart, multipass, kind]);

/** What decides the choice; given, so that it can be tested. */
export interface Host {
  readonly platform: string;
  readonly hasTart: boolean;
}

export const thisHost = (): Host => ({
  platform: process.platform,
  hasTart: (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, 'tart'))),
});

/** All providers that a fleet may name: ours, and the one that FLOTILLA_MACHINE_PROVIDER points at. */
export function knownProviders(environment: NodeJS.ProcessEnv = process.env): readonly MachineProvider[] {
  const file = environment.FLOTILLA_MACHINE_PROVIDER;
  return file ? [readOutsideProvider(file), ...machineProviders] : machineProviders;
}

/**
 * The provider that a fleet names, on any host, or for `auto` the one that fits this host (one from outside goes first).
 * Throws UserError when there is none.
 */
export function chooseProvider(wanted: string, environment: NodeJS.ProcessEnv = process.env, host: Host = thisHost()): MachineProvider {
  const known = knownProviders(environment);
  if (wanted !== 'auto') {
    const named = known.find((provider) => provider.id === wanted);
    if (named) return named;
    throw new UserError(`provider "${wanted}": there is none of that name; ${suggestion(wanted, ['auto', ...known.map(({ id }) => id)])}`);
  }
  if (environment.FLOTILLA_MACHINE_PROVIDER) return known[0]!;
  if (host.platform === 'darwin' && host.hasTart) return tart;
  // Looking needs no root; `doctor` and `up` report that machines do.
  if (host.platform === 'linux') return nspawn;
  throw new UserError(`provider "auto": ${whatFits(host)}`);
}

function whatFits({ platform }: Host): string {
  if (platform === 'darwin')
    return 'on a Mac it is tart, which is not installed; "brew install openai/tools/tart", or name multipass or kind';
  return `there is no machine provider for ${platform}; run it on Linux, or on a Mac with tart`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
