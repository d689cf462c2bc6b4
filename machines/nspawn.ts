import { defineMachineProvider } from './define';

/** Full Debian systems in containers that share the host's kernel; Linux, as root. */
export const nspawn = defineMachineProvider({
  id: 'nspawn',
  summary: 'systemd-nspawn machines on this Linux host',
  scripts: 'host/nspawn',
  hostScripts: { claim: 'host/lab-up.sh', release: 'host/lab-down.sh' },
  features: {
    machineToMachine: 'yes',
    hostToMachine: 'yes',
    foreignSources: 'yes',
    ipv6: 'unproven',
    stableAddresses: 'yes',
    l7: 'no',
  },
});
