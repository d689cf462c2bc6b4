export type Support = 'yes' | 'no' | 'unproven';

/** What carries clusters, as data; the work is done by the host scripts that it names. */
export interface MachineProvider {
  readonly id: string;
  readonly summary: string;
  /** Folder below `scripts/`, or an absolute path, with machine-up.sh, machine-stop.sh, machine-delete.sh and machines.sh. */
  readonly scripts: string;
  /** What claims the host for a fleet (bridge, registry) and what gives it back, as `scripts`. */
  readonly hostScripts: { readonly claim: string; readonly release: string };
  readonly features: {
    readonly machineToMachine: Support;
    readonly hostToMachine: Support;
    /** Frames whose source is not the machine's own address: what L2 VIPs and routed pod addresses need. */
    readonly foreignSources: Support;
    readonly ipv6: Support;
    readonly stableAddresses: Support;
    readonly l7: Support;
  };
}

export function defineMachineProvider(provider: MachineProvider): MachineProvider {
  return Object.freeze({
    ...provider,
    hostScripts: Object.freeze({ ...provider.hostScripts }),
    features: Object.freeze({ ...provider.features }),
  });
}
