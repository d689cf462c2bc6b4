import { execFileSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { networkOf, overlap } from '../../config/cidr';
import { livingClaims, lostClaims } from './claims';

export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'fault';
  /** What was found. */
  readonly found: string;
  /** What to do about it; empty when nothing is to be done. */
  readonly remedy: string;
}

export interface HostQuestions {
  /** Memory of all machines of the fleet, MiB. */
  readonly memoryMiB: number;
  /** Where machines keep their data. */
  readonly dataFolder: string;
  readonly cacheFolder: string;
  /** Free disk that the preparation wants, GiB. */
  readonly preparationGiB: number;
  /** Free disk that the machines want, GiB. */
  readonly machinesGiB: number;
  /** The network of the deployment, `null` when none was chosen yet. */
  readonly network: { readonly cidr: string; readonly bridge: string; readonly registryPort: number } | null;
  /** The folder that holds `.flotilla`. */
  readonly checkout: string;
  readonly uid: string | null;
  /** Something has to be compiled first. */
  readonly buildsFromSource: boolean;
}

/** What this host must be able to do before anything is created on it. Looks only, changes nothing. */
export function checkHost(questions: HostQuestions): readonly Finding[] {
  return [
    platform(),
    user(),
    terraformVersion(),
    goVersion(questions),
    ...disks(questions),
    memory(questions),
    network(questions),
    registryPort(questions),
    otherCheckouts(questions),
    controlGroups(),
  ];
}

export const onPath = (program: string): boolean =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => existsSync(join(folder, program)));

/** The magic number of overlayfs, from the kernel's linux/magic.h. */
const overlayFs = 0x794c7630;

const ok = (check: string, found: string): Finding => ({ check, verdict: 'ok', found, remedy: '' });
const fault = (check: string, found: string, remedy: string): Finding => ({ check, verdict: 'fault', found, remedy });

function platform(): Finding {
  if (process.platform === 'linux') return ok('platform', `Linux, ${process.arch}`);
  return fault(
    'platform',
    `${process.platform}, ${process.arch}`,
    'the machine provider nspawn needs Linux; providers for macOS come with a later release',
  );
}

function user(): Finding {
  if (process.getuid?.() === 0) return ok('user', 'root');
  return fault('user', `uid ${process.getuid?.()}`, 'machines, bridges and mounts need root: run the same command with sudo');
}

function terraformVersion(): Finding {
  try {
    const environment = { ...process.env, CHECKPOINT_DISABLE: '1' };
    const { terraform_version: version } = JSON.parse(
      execFileSync('terraform', ['version', '-json'], { env: environment, encoding: 'utf8', stdio: 'pipe' }),
    );
    const [major, minor] = String(version).split('.').map(Number) as [number, number];
    if (major === 1 && minor >= 9) return ok('terraform', version);
    return fault('terraform', version, 'install Terraform 1.9 or newer, below 2.0');
  } catch {
    return fault('terraform', 'not on PATH', 'install Terraform 1.9 or newer, below 2.0, and put it on PATH');
  }
}

function disks({ cacheFolder, dataFolder, preparationGiB, machinesGiB }: HostQuestions): Finding[] {
  return [
    disk('disk for sources', cacheFolder, preparationGiB, 'or move the cache with FLOTILLA_CACHE'),
    disk('disk for machines', dataFolder, machinesGiB, 'or mount a larger disk there'),
  ];
}

function disk(check: string, wanted: string, neededGiB: number, otherwise: string): Finding {
  const folder = nearestExisting(wanted);
  const { bavail, bsize, type } = statfsSync(folder);
  const free = (bavail * bsize) / 2 ** 30;
  const found = `${free.toFixed(0)} GiB free at ${folder}`;
  if (type === overlayFs)
    return fault(
      check,
      `${folder} is on an overlay file system`,
      `machines are overlays too, which does not nest: mount another disk at ${wanted}`,
    );
  return free >= neededGiB ? ok(check, found) : fault(check, found, `free ${neededGiB} GiB there, ${otherwise}`);
}

function memory({ memoryMiB }: HostQuestions): Finding {
  const total = totalmem() / 2 ** 20;
  const found = `${total.toFixed(0)} MiB, ${(freemem() / 2 ** 20).toFixed(0)} free; the fleet's machines may take ${memoryMiB}`;
  return memoryMiB <= total ? ok('memory', found) : fault('memory', found, 'lower memoryMiB of the nodes, or take nodes away');
}

function network({ network: wanted }: HostQuestions): Finding {
  if (wanted === null) return ok('network', 'chosen at the first up');
  const clash = addresses().find(({ cidr, name }) => name !== wanted.bridge && cidr !== '0.0.0.0/0' && overlap(cidr, wanted.cidr));
  if (clash === undefined) return ok('network', `${wanted.cidr} on ${wanted.bridge}`);
  return fault(
    'network',
    `${wanted.cidr} is in use: ${clash.name} has ${clash.cidr}`,
    `take the address off ${clash.name}, or give the fleet another \`network\``,
  );
}

/** Networks of this host's interfaces and where they are. */
export function addresses(): readonly { readonly name: string; readonly cidr: string }[] {
  try {
    const found = JSON.parse(execFileSync('ip', ['-4', '-json', 'address'], { encoding: 'utf8' })) as {
      ifname: string;
      addr_info: { local: string; prefixlen: number }[];
    }[];
    return found.flatMap(({ ifname, addr_info: list }) =>
      list.map(({ local, prefixlen }) => ({ name: ifname, cidr: networkOf(local, prefixlen) })),
    );
  } catch {
    return [];
  }
}

function otherCheckouts({ dataFolder, checkout, uid }: HostQuestions): Finding {
  const check = 'other checkouts';
  const living = livingClaims(dataFolder).find((claim) => claim.checkout !== checkout);
  if (living !== undefined) {
    const remedy = 'run "flotilla destroy" there first; two checkouts side by side on one host come with a later release';
    return fault(check, `${living.deployment} of ${living.checkout} (uid ${living.uid}) is on this host`, remedy);
  }
  const lost = lostClaims(dataFolder).find((claim) => claim.uid !== uid);
  if (lost === undefined) return ok(check, 'none on this host');
  const found = `${lost.deployment} (uid ${lost.uid}) of ${lost.checkout} is on this host, and its folder there is gone`;
  return { check, verdict: 'warning', found, remedy: `"flotilla destroy --uid ${lost.uid} --yes" removes what it left` };
}

function registryPort({ network }: HostQuestions): Finding {
  const check = 'registry port';
  if (network === null || !onPath('ss')) return ok(check, 'looked at when the bridge is made');
  const listeners = execFileSync('ss', ['-Hltn', `sport = :${network.registryPort}`], { encoding: 'utf8' });
  const busy = listeners.split('\n').find((line) => /\s(0\.0\.0\.0|\*|\[::\]):\d+\s/.test(line));
  if (busy === undefined) return ok(check, String(network.registryPort));
  return fault(
    check,
    `something listens on every address at ${network.registryPort}`,
    `"ss -ltnp sport = :${network.registryPort}" names it: end it`,
  );
}

function goVersion({ buildsFromSource }: HostQuestions): Finding {
  if (onPath('go')) return ok('go', 'on PATH');
  if (!buildsFromSource) return ok('go', 'not needed: everything is built');
  return fault('go', 'not on PATH', 'install Go 1.26: Kubernetes and the providers are built from their pinned sources');
}

function controlGroups(): Finding {
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  if (!unified) return ok('control groups', 'version 1 (hybrid): kubelet is told to accept it');
  return {
    check: 'control groups',
    verdict: 'warning',
    found: 'version 2',
    remedy: 'written for, but not proven yet: tell us how it went',
  };
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(join(folder, '..'));
}
