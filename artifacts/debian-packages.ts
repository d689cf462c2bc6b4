import type { PreparationPlan } from './wanted';

/** One program that the host must have. */
export interface HostProgram {
  readonly package: string;
  /** How one sees that the package is there. */
  readonly program: string;
  readonly why: string;
  /** always: on macOS too; linux: on every Linux host; machines: for nspawn machines; images: where pod images are made here. */
  readonly for: readonly ('always' | 'linux' | 'machines' | 'images')[];
}

/** Debian packages that the preparation and the machines need on the host. */
export const debianPackages: readonly HostProgram[] = Object.freeze([
  { package: 'systemd-container', program: 'systemd-nspawn', why: 'runs the machines', for: ['machines', 'images'] },
  { package: 'mmdebstrap', program: 'mmdebstrap', why: 'makes the node image', for: ['machines', 'images'] },
  { package: 'iproute2', program: 'ip', why: 'makes the bridge of the lab', for: ['machines'] },
  { package: 'iproute2', program: 'ss', why: 'sees who holds the address of the registry', for: ['machines'] },
  { package: 'nftables', program: 'nft', why: 'keeps the machines from what is outside their bridge', for: ['machines'] },
  { package: 'curl', program: 'curl', why: 'asks hosts and registries whether they answer', for: ['always'] },
  { package: 'procps', program: 'pgrep', why: 'finds the process of the registry', for: ['machines'] },
  { package: 'jq', program: 'jq', why: 'reads what the scripts are told', for: ['always'] },
  { package: 'openssh-client', program: 'ssh', why: 'drives the machines', for: ['always'] },
  { package: 'busybox-static', program: 'busybox', why: 'becomes the busybox pod image', for: ['images'] },
  { package: 'gcc', program: 'gcc', why: 'builds the pause program', for: ['images'] },
  // gencat comes with libc6-dev (through libc-dev-bin), which itself has no program.
  { package: 'libc6-dev', program: 'gencat', why: 'is linked into the pause program', for: ['images'] },
  { package: 'util-linux', program: 'flock', why: 'locks the cache and the deployments', for: ['linux'] },
]);

/** Those that this plan needs. */
export function neededPrograms({
  nodePackages,
  choice,
  platform,
}: Pick<PreparationPlan, 'nodePackages' | 'choice' | 'platform'>): readonly HostProgram[] {
  const reasons = [
    'always',
    ...(platform === 'linux' ? ['linux'] : []),
    ...(nodePackages === 'image' ? ['machines'] : []),
    ...(choice.images === 'offline' ? ['images'] : []),
  ];
  return debianPackages.filter((entry) => entry.for.some((reason) => reasons.includes(reason)));
}
