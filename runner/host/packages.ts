import { spawnSync } from 'node:child_process';
import { neededPrograms } from '../../artifacts/debian-packages';
import { offlinePlan, type PreparationPlan } from '../../artifacts/wanted';
import { Failure } from '../../config/failure';
import { onPath } from '../../config/on-path';
import type { Finding } from './finding';

type Plan = Pick<PreparationPlan, 'nodePackages' | 'choice' | 'platform'>;

/** Packages of which a program is missing. */
export const missingPackages = (plan: Plan = offlinePlan) => neededPrograms(plan).filter(({ program }) => !onPath(program));

export function checkPackages(plan: Plan = offlinePlan): Finding {
  const missing = missingPackages(plan);
  if (missing.length === 0) {
    const found = neededPrograms(plan).map(({ program }) => program);
    return { check: 'programs', verdict: 'ok', found: found.join(' '), remedy: '' };
  }
  const names = missing.map((entry) => entry.package).join(' ');
  const found = `missing: ${missing.map(({ program, why }) => `${program} (${why})`).join(', ')}`;
  return onPath('apt-get')
    ? { check: 'programs', verdict: 'warning', found, remedy: `up installs them: apt-get install ${names}` }
    : { check: 'programs', verdict: 'fault', found, remedy: `install what Debian calls ${names}` };
}

/** Installs what is missing, after saying so. @throws Failure when apt cannot */
export function installPackages(plan: Plan = offlinePlan): void {
  const names = missingPackages(plan).map((entry) => entry.package);
  if (names.length === 0) return;
  console.error(`installing Debian packages: ${names.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  if (!apt('update', '-qq') || !apt('install', '-qq', '--yes', '--no-install-recommends', ...names)) {
    throw new Failure(`apt-get could not install ${names.join(' ')}: mend what it says above and run this again`);
  }
}
