import { defineMachineProvider } from './define';

/** Full Debian systems in containers that share the host's kernel; Linux, as root. */
export const nspawn = defineMachineProvider({
  id: 'nspawn',
  summary: 'systemd-nspawn machines on this Linux host',
  scripts: 'host/nspawn',
  hostScripts: { claim: 'host/nspawn/host-claim.sh', release: 'host/nspawn/host-release.sh' },
  brings: 'machines',
  addresses: 'assigned',
  cidr: null,
  image: null,
  networks: {
    bridge: {
      machineToMachine: 'yes',
      hostToMachine: 'yes',
      foreignSources: 'yes',
      ipv6: 'unproven',
      stableAddresses: 'yes',
      // The machines have the host's; nobody has run them on v2 yet.
      cgroupV2: 'unproven',
      l7: 'no',
    },
  },
  // Machines share the host's disk, so their diskGiB limits nothing.
  resize: { cpus: 'restart', memoryMiB: 'restart', diskGiB: { grow: 'nothing', shrink: 'nothing' } },
});
