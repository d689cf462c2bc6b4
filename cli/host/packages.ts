import { spawnSync } from 'node:child_process';
import { debianPackages } from '../../offline/debian-packages';
import { Failure } from '../failure';
import { type Finding, onPath } from './checks';

/** Debian packages of which a program is missing. */
export const missingPackages = () => debianPackages.filter(({ program }) => !onPath(program));

export function checkPackages(): Finding {
  const missing = missingPackages();
  if (missing.length === 0)
    return { check: 'programs', verdict: 'ok', found: debianPackages.map(({ program }) => program).join(' '), remedy: '' };
  const names = missing.map((entry) => entry.package).join(' ');
  const found = `missing: ${missing.map(({ program, why }) => `${program} (${why})`).join(', ')}`;
  return onPath('apt-get')
    ? { check: 'programs', verdict: 'warning', found, remedy: `up installs them: apt-get install ${names}` }
    : { check: 'programs', verdict: 'fault', found, remedy: `install what Debian calls ${names}` };
}

/** Installs what is missing, after saying so. @throws Failure when apt cannot */
export function installPackages(): void {
  const names = missingPackages().map((entry) => entry.package);
  if (names.length === 0) return;
  console.error(`installing Debian packages: ${names.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  if (!apt('update', '-qq') || !apt('install', '-qq', '--yes', '--no-install-recommends', ...names)) {
    throw new Failure(`apt-get could not install ${names.join(' ')}: mend what it says above and run this again`);
  }
}
