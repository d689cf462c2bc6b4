import { defineMachineProvider } from './define';

/** Canonical's virtual machines; macOS and Linux. Addresses cannot be pinned on macOS, so the inventory records what was leased. */
export const multipass = defineMachineProvider({
  id: 'multipass',
  summary: 'Multipass virtual machines on this host',
  scripts: 'host/multipass',
  hostScripts: { claim: 'host/multipass/host-claim.sh', release: 'host/dynamic-release.sh' },
  brings: 'machines',
  addresses: 'leased',
  cidr: '192.168.64.0/24',
  // Named, because the default moves on to the newest release.
  image: '24.04',
  networks: {
    shared: {
      machineToMachine: 'yes',
      hostToMachine: 'yes',
      // macOS lets only the leased address through between machines.
      foreignSources: 'no',
      ipv6: 'unproven',
      stableAddresses: 'no',
      cgroupV2: 'yes',
      l7: 'yes',
    },
  },
  resize: { cpus: 'restart', memoryMiB: 'restart', diskGiB: { grow: 'restart', shrink: 'refuse' } },
});
