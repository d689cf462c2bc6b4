import { defineMachineProvider } from './define';

/** What every network of Tart has in common: full machines with a kernel of their own, whose addresses come from DHCP. */
const everywhere = { hostToMachine: 'yes', stableAddresses: 'no', cgroupV2: 'yes', l7: 'yes' } as const;

/** Virtual machines of Apple's Virtualization framework; macOS on Apple silicon. */
export const tart = defineMachineProvider({
  id: 'tart',
  summary: 'Tart virtual machines on this Mac (Apple silicon)',
  scripts: 'host/tart',
  hostScripts: { claim: 'host/tart/host-claim.sh', release: 'host/dynamic-release.sh' },
  brings: 'machines',
  addresses: 'leased',
  cidr: '192.168.64.0/24',
  // Rebuilt every week under the same tag; a fleet that must be the same next month names a digest.
  image: 'ghcr.io/cirruslabs/ubuntu:24.04',
  networks: {
    // With an allow list of 0.0.0.0/0, which alone lifts the isolation; frames from any other address than the leased one are dropped.
    softnet: { ...everywhere, machineToMachine: 'yes', foreignSources: 'no', ipv6: 'no' },
    // Tart's own default: macOS isolates the machines from each other.
    nat: { ...everywhere, machineToMachine: 'no', foreignSources: 'unproven', ipv6: 'unproven' },
    // Foreign sources pass on a cable; Wi-Fi translates hardware addresses.
    bridged: { ...everywhere, machineToMachine: 'yes', foreignSources: 'unproven', ipv6: 'unproven' },
  },
  // A disk grows only, and a smaller one would be another machine: that is a person's decision.
  resize: { cpus: 'restart', memoryMiB: 'restart', diskGiB: { grow: 'restart', shrink: 'refuse' } },
});
