import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { whichProgram } from '../../config/on-path';
import { type Finding, fault, ok, warning } from './finding';

/** What Docker says of itself, as far as we read it. */
export interface Docker {
  readonly ServerVersion: string;
  readonly MemTotal: number;
  readonly CgroupVersion?: string;
  readonly DockerRootDir: string;
}

/** Asks Docker; `null` when it does not answer. */
export function askDocker(): Docker | null {
  try {
    const said = execFileSync('docker', ['info', '--format', '{{json .}}'], {
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 20_000,
      env: process.env,
    });
    const docker = JSON.parse(said) as Docker;
    return docker.ServerVersion ? docker : null;
  } catch {
    return null;
  }
}

export function checkDocker(docker: Docker | null, memoryMiB: number): Finding {
  const check = 'docker';
  if (docker === null)
    return fault(
      check,
      'it does not answer',
      'start it (Docker Desktop, colima start, systemctl start docker); "docker info" says what is wrong',
    );
  const has = Math.floor(docker.MemTotal / 2 ** 20);
  const found = `${docker.ServerVersion}, ${has} MiB, control groups version ${docker.CgroupVersion ?? 'unknown'}`;
  if (docker.CgroupVersion === '1')
    return warning(check, found, 'kubelets of 1.35 and later refuse version 1: boot the host with version 2');
  if (has < memoryMiB)
    return warning(check, found, `the fleet counts on ${memoryMiB} MiB: give Docker more, or lower memoryMiB of the nodes`);
  return ok(check, found);
}

/** Whether softnet may lift the isolation of machines from each other, which only root can. @param where its file, `null` when it is missing */
export function checkSoftnet(where: string | null, mayBeRoot: () => boolean): Finding {
  const check = 'softnet';
  const instead = 'or give the fleet "machineNetwork: bridged"';
  if (where === null) return fault(check, 'not on PATH', `brew install openai/tools/softnet, ${instead}`);
  const file = existsSync(where) ? realpathSync(where) : where;
  const { mode, uid } = statSync(file);
  if ((mode & 0o4000) !== 0 && uid === 0) return ok(check, `${file} runs as root`);
  if (mayBeRoot()) return ok(check, `${file}, by sudo that asks for no password`);
  const remedy = `once, and again after each upgrade of it: sudo chown root "${file}" && sudo chmod u+s "${file}", ${instead}`;
  return fault(check, `${file} does not run as root, and an agent has nobody to ask for a password`, remedy);
}

export const softnetOfThisHost = (): Finding => checkSoftnet(whichProgram('softnet'), mayBeRoot);

/** -k: an answer that sudo remembers for this terminal is none for an agent of launchd. */
const mayBeRoot = (): boolean => process.getuid?.() === 0 || spawnSync('sudo', ['-k', '-n', 'true'], { stdio: 'ignore' }).status === 0;
