import { join } from 'node:path';
import type { LockedChart } from '../../artifacts/charts/lock';
import type { Values } from '../../artifacts/charts/values-tree';
import type { Manifest } from '../../components/define';
import type { ResolvedFleet } from '../../model/resolved-fleet';

export const fixture = join(__dirname, '..', 'chart-lint', 'fixture');

/** The fixture was published, as far as this lock tells. */
export const locked = [
  { repository: '', name: 'fixture', version: '1.2.3', digest: 'aa', confirmed: { by: 'archive', on: '2026-12-01' } },
] as readonly object[] as readonly LockedChart[];

/** Everything that the fixture reads, in each way that a chart can. */
export const good: Values = {
  replicas: 2,
  image: { tag: '1.36.0' },
  resources: { limits: { memory: '1Mi' } },
  server: { port: 81, folder: '/data' },
  shelves: { top: { height: '3' } },
  config: { log: { level: 'debug' }, queue: { length: 3 } },
  memory: { enabled: true, port: 6380 },
  owner: 'somebody',
  spare: { annotations: { 'example.org/note': 'nobody sees it now' } },
  'a-b': { 'c.d': 'text' },
  global: { zone: 'here' },
  // Our own text asks for another key of ours.
  greeting: '{{ .Values.who }}',
  who: 'me',
  notes: { 'example.org/a': 'b' },
  extra: [{ name: 'a', value: '1' }],
  deep: { er: { est: 1 } },
  got: { it: 'now' },
  tests: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
};

export const fleetOf = (values: Values, resources: readonly Manifest[] = [], version = '1.2.3') =>
  ({
    fleet: 'small',
    kubernetesVersion: '1.35.4',
    provider: { addresses: 'leased' },
    network: { gateway: 'leased(gateway)', registry: { port: 5000 } },
    clusters: [
      {
        name: 'one',
        role: 'hub',
        requests: { requested: { cpuMillicores: 0, memoryMiB: 0, storageGiB: 0 }, left: { cpuMillicores: 1, memoryMiB: 1, storageGiB: 1 } },
        nodes: [{ name: 'one-cp', role: 'control-plane', cpus: 2, memoryMiB: 4096, diskGiB: 20 }],
        components: [
          {
            id: 'thing',
            namespace: { name: 'default', podSecurity: null },
            chart: { repository: '', name: 'fixture', version },
            dependsOn: [],
            crds: [],
            requests: { cpuMillicores: 100, memoryMiB: 64, storageGiB: 0 },
            serves: [],
            secrets: [],
            ready: [],
            checks: [],
            values,
            resources,
          },
        ],
      },
    ],
  }) as unknown as ResolvedFleet;
