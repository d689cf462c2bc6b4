/** `yes`: seen here or said by the provider's own sources; `unproven`: only concluded, a fleet that needs it is warned. */
export type Support = 'yes' | 'no' | 'unproven';

export type Feature = 'machineToMachine' | 'hostToMachine' | 'foreignSources' | 'ipv6' | 'stableAddresses' | 'cgroupV2' | 'l7';

export const featureMeanings: Readonly<Record<Feature, string>> = Object.freeze({
  machineToMachine: 'machines reach each other',
  hostToMachine: 'the host reaches machines under their addresses',
  foreignSources: "frames whose source is not the machine's own address pass: L2 VIPs, routed pod addresses",
  ipv6: 'machines have IPv6',
  stableAddresses: 'a machine keeps an address that the fleet chose',
  cgroupV2: 'machines run on cgroup v2',
  l7: 'Envoy runs: L7 policy, Gateway API',
});

export type Features = Readonly<Record<Feature, Support>>;

/** What a changed size means for a live machine; `nothing`: the provider does not hold its machines to the number. */
export type Consequence = 'nothing' | 'restart' | 'replace' | 'refuse';

/** What carries clusters, as data; the work is done by the host scripts that it names. */
export interface MachineProvider {
  readonly id: string;
  readonly summary: string;
  /**
   * Folder below `scripts/`, or an absolute path, with machines.sh and machine-stop.sh, and machine-up.sh and machine-delete.sh
   * (cluster-up.sh and cluster-delete.sh where whole clusters are brought).
   */
  readonly scripts: string;
  /** What claims the host for a fleet (bridge, registry) and what gives it back, as `scripts`. */
  readonly hostScripts: { readonly claim: string; readonly release: string };
  readonly brings: 'machines' | 'clusters';
  /** `assigned`: the fleet decides; `leased`: DHCP does, and the inventory records what it gave. */
  readonly addresses: 'assigned' | 'leased';
  /** Where leased addresses usually come from, an IPv4 CIDR; `null`: a network is chosen per deployment. */
  readonly cidr: string | null;
  /** What machines are born from when the fleet names nothing; `null`: the node image of `artifacts/`. */
  readonly image: string | null;
  /** Ways to connect machines, by the name that the fleet's `machineNetwork` takes; the first is the default. */
  readonly networks: Readonly<Record<string, Features>>;
  readonly resize: {
    readonly cpus: Consequence;
    readonly memoryMiB: Consequence;
    readonly diskGiB: { readonly grow: Consequence; readonly shrink: Consequence };
  };
}

/** The provider, deeply frozen. Throws Error when it has no network. */
export function defineMachineProvider(provider: MachineProvider): MachineProvider {
  if (Object.keys(provider.networks).length === 0) throw new Error(`machine provider "${provider.id}" has no network`);
  return freeze(structuredClone(provider));
}

export const defaultNetwork = ({ networks }: Pick<MachineProvider, 'networks'>): string => Object.keys(networks)[0]!;

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (inner !== null && typeof inner === 'object') freeze(inner);
  return Object.freeze(value);
}
