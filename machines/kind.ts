import { defineMachineProvider } from './define';

/** Whole clusters in containers of Docker: quick, and without machines of their own. */
export const kind = defineMachineProvider({
  id: 'kind',
  summary: 'kind clusters in the Docker of this host',
  scripts: 'host/kind',
  hostScripts: { claim: 'host/kind/host-claim.sh', release: 'host/kind/host-release.sh' },
  brings: 'clusters',
  addresses: 'leased',
  cidr: '172.18.0.0/16',
  // The digest is that of kind v0.31's own default.
  image: 'kindest/node:v1.35.0@sha256:452d707d4862f52530247495d180205e029056831160e22870e37e3f6c1ac31f',
  networks: {
    docker: {
      machineToMachine: 'yes',
      // A Linux host reaches the nodes' addresses; with Docker Desktop only the published hostPorts answer, on 127.0.0.1.
      hostToMachine: 'unproven',
      foreignSources: 'yes',
      ipv6: 'unproven',
      stableAddresses: 'no',
      cgroupV2: 'unproven',
      l7: 'yes',
    },
  },
  // Containers without limits: the numbers only say what the fleet counts on.
  resize: { cpus: 'nothing', memoryMiB: 'nothing', diskGiB: { grow: 'nothing', shrink: 'nothing' } },
});
