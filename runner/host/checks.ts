import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { overlap, parseCidr } from '../../config/cidr';
import { onPath } from '../../config/on-path';
import type { MachineProvider } from '../../machines/define';
import { claims, contest, hostData, lostClaims } from './claims';
import { checkDisk, machineDisk } from './disks';
import { type Finding, fault, ok, warning } from './finding';
import { heldByOthersMiB } from './held-memory';
import { type HostNetwork, hostNetworks } from './networks';
import { askDocker, checkDocker, softnetOfThisHost } from './provider-checks';

export interface HostQuestions {
  /** Id of the machine provider. */
  readonly provider: string;
  /** `leased`: which networks there are is not ours to decide. */
  readonly addresses: MachineProvider['addresses'];
  /** How machines are connected, a key of the provider's `networks`. */
  readonly machineNetwork: string;
  /** How many machines. */
  readonly nodes: number;
  /** Memory of all machines of the fleet, MiB. */
  readonly memoryMiB: number;
  /** Where this host keeps what it knows of machines. */
  readonly dataFolder: string;
  readonly cacheFolder: string;
  /** Free disk that the preparation wants, GiB. */
  readonly preparationGiB: number;
  /** The network of the deployment, `null` when none was chosen yet. */
  readonly network: { readonly cidr: string; readonly bridge: string; readonly registryPort: number } | null;
  /** The deployment's own folder. */
  readonly folder: string;
  readonly uid: string;
  /** Something has to be compiled first. */
  readonly buildsFromSource: boolean;
}

/** What this host must be able to do before anything is created on it. Looks only, changes nothing. */
export function checkHost(questions: HostQuestions): readonly Finding[] {
  const { provider, addresses: given, memoryMiB, machineNetwork } = questions;
  const docker = provider === 'kind' && onPath('docker') ? askDocker() : null;
  return [
    platform(questions),
    user(questions),
    terraformVersion(),
    goVersion(questions),
    ...disks(questions, docker?.DockerRootDir ?? null),
    memory(questions),
    ...(provider === 'kind' ? [checkDocker(docker, memoryMiB)] : []),
    ...(provider === 'tart' && machineNetwork === 'softnet' && onPath('tart') ? [softnetOfThisHost()] : []),
    ...(given === 'assigned' ? [network(questions)] : []),
    registryPort(questions),
    otherDeployments(questions),
    ...(given === 'assigned' ? [controlGroups()] : []),
  ];
}

/** Where a machine provider runs and what it is called; one from outside knows for itself. */
const hosts: Readonly<
  Record<string, { readonly platforms: readonly string[]; readonly program: string | null; readonly asRoot: boolean }>
> = {
  nspawn: { platforms: ['linux'], program: null, asRoot: true },
  tart: { platforms: ['darwin'], program: 'tart', asRoot: false },
  multipass: { platforms: ['darwin', 'linux'], program: 'multipass', asRoot: false },
  kind: { platforms: ['darwin', 'linux'], program: 'kind', asRoot: false },
};
const platformNames: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS' };
const platformName = (platform: string): string => platformNames[platform] ?? platform;

function platform({ provider }: HostQuestions): Finding {
  const { platforms = [process.platform], program = null } = hosts[provider] ?? {};
  const found = `${platformName(process.platform)}, ${process.arch}`;
  const isThere = program !== null && onPath(program);
  if (!platforms.includes(process.platform) && isThere) {
    const remedy = `${provider} is made for ${platforms.map(platformName).join(' or ')}: what answers to that name here is taken for it`;
    return warning('platform', `${found}; a program ${program} is on PATH`, remedy);
  }
  if (!platforms.includes(process.platform))
    return fault(
      'platform',
      found,
      `the machine provider ${provider} needs ${platforms.map(platformName).join(' or ')}: name another one in the fleet file`,
    );
  if (program === null || isThere) return ok('platform', found);
  return fault(
    'platform',
    `${found}; there is no program ${program} on PATH`,
    `install ${program}, or name another machine provider in the fleet file`,
  );
}

function user({ provider }: HostQuestions): Finding {
  const found = process.getuid?.() === 0 ? 'root' : `uid ${process.getuid?.()}`;
  if (found === 'root' || !(hosts[provider]?.asRoot ?? false)) return ok('user', found);
  return fault('user', found, 'machines, bridges and mounts need root: run the same command with sudo');
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

function disks(
  { provider, addresses: given, nodes, cacheFolder, dataFolder, preparationGiB }: HostQuestions,
  dockerRoot: string | null,
): Finding[] {
  const cache = { folder: cacheFolder, neededGiB: preparationGiB };
  // Only machines that we make ourselves are overlays.
  const overlays = given === 'assigned';
  return [
    ...checkDisk('disk for sources', cache, 'or move the cache with FLOTILLA_CACHE', overlays),
    ...checkDisk('disk for machines', machineDisk(provider, nodes, dataFolder, dockerRoot), 'or mount a larger disk there', overlays),
  ];
}

/** memoryMiB is a ceiling of a machine, not a reservation: what others really use is missing for certain, what they may take only perhaps. */
function memory({ memoryMiB, uid }: HostQuestions): Finding {
  const total = totalmem() / 2 ** 20;
  const others = heldByOthersMiB(uid);
  const held = others === 0 ? '' : `, machines of other deployments use ${others}`;
  const found = `${total.toFixed(0)} MiB, ${(freemem() / 2 ** 20).toFixed(0)} free${held}; the fleet's machines may take ${memoryMiB}`;
  const shrink = 'lower memoryMiB of the nodes, or take nodes away';
  if (memoryMiB <= total - others) return ok('memory', found);
  return fault('memory', found, others === 0 ? shrink : `${shrink}, or shut other deployments down ("other deployments" below names them)`);
}

function network({ network: wanted }: HostQuestions): Finding {
  if (wanted === null) return ok('network', 'chosen at the first up');
  const clash = hostNetworks().find(({ cidr, kind, name }) => name !== wanted.bridge && meets(kind, cidr) && overlap(cidr, wanted.cidr));
  if (clash === undefined) return ok('network', `${wanted.cidr} on ${wanted.bridge}`);
  const { kind, name, cidr } = clash;
  const [found, remedy] =
    kind === 'interface'
      ? [`${name} has ${cidr}`, `take the address off ${name}`]
      : [`the route to ${cidr} leads through ${name}`, `remove the route to ${cidr}`];
  return fault('network', `${wanted.cidr} is in use: ${found}`, `${remedy}, or give the fleet another \`network\``);
}

/** Not the default route, nor one that is wider than the pool of all deployments' networks: ours is the narrower one, and wins. */
const meets = (kind: HostNetwork['kind'], cidr: string): boolean =>
  cidr !== '0.0.0.0/0' && (kind === 'interface' || parseCidr(cidr)!.prefixLength > 16);

/** Networks in use on this host and by whom: those of its interfaces and routes, and those of claimed deployments, whose bridge may be down. */
export function addresses(dataFolder = hostData): readonly { readonly name: string; readonly cidr: string }[] {
  const claimed = claims(dataFolder).flatMap(({ uid, network: cidr }) => (cidr === undefined ? [] : [{ name: `fl${uid}`, cidr }]));
  return [...hostNetworks().filter(({ kind, cidr }) => meets(kind, cidr)), ...claimed];
}

/** Deployments live side by side, each with its own uid and network. What cannot be is said: the same uid or network twice. */
function otherDeployments({ dataFolder, folder, uid, network: wanted }: HostQuestions): Finding {
  const check = 'other deployments';
  const contested = contest(dataFolder, { uid, folder, network: wanted?.cidr ?? '' });
  if (contested !== null) return fault(check, contested.found, contested.remedy);
  const lost = lostClaims(dataFolder).find((claim) => claim.uid !== uid);
  if (lost !== undefined) {
    const found = `${lost.deployment} (uid ${lost.uid}) of ${lost.checkout} is on this host, and its folder there is gone`;
    // Who has a network of its own keeps the disks of its machines where we reach them.
    const adopt = lost.network === undefined ? '' : `, "npx flotilla adopt --uid ${lost.uid}" takes it over`;
    const remedy = `"npx flotilla destroy --uid ${lost.uid} --yes" removes what it left${adopt}`;
    return warning(check, found, remedy);
  }
  const others = claims(dataFolder).filter((claim) => claim.uid !== uid);
  const told = others.map((other) => `${other.deployment} (uid ${other.uid}, ${other.network ?? 'network unknown'}) of ${other.checkout}`);
  return ok(check, others.length === 0 ? 'none on this host' : told.join('; '));
}

function registryPort({ network, addresses: given }: HostQuestions): Finding {
  const check = 'registry port';
  if (network === null || !onPath('ss'))
    return ok(check, `looked at when the ${given === 'assigned' ? 'bridge is made' : 'registry starts'}`);
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
  return warning('control groups', 'version 2', 'written for, but not proven yet: tell us how it went');
}
