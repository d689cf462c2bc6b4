import type { Component } from '../components/define';
import type { FleetChange } from '../config/change';
import type { FleetSpec } from '../config/schema';
import { defaultNetwork, type Feature, featureMeanings, type MachineProvider, type Support } from '../machines/define';
import { clustersOf, nodesOf, type PlacedCluster, type WayOut } from './rules/rule';
import { selectComponents } from './select-components';

/** What is asked of the machine provider: a feature of its network, or something that only some providers do at all. */
export type Demanded = Feature | 'hostPorts' | 'image' | 'featureGates';

export interface Demand {
  readonly what: Demanded;
  /** Who asks, for a sentence. */
  readonly by: string;
  readonly path: readonly (string | number)[];
  readonly value?: unknown;
  /** How not to ask; `null` when the fleet would be another one. */
  readonly leaveOut: WayOut | null;
}

const meanings: Readonly<Record<Demanded, string>> = {
  ...featureMeanings,
  hostPorts: 'a cluster answers on ports of the host',
  image: 'machines are born from an image that the fleet names',
  featureGates: 'clusters are made with a chosen profile of feature gates',
};

export const meaningOf = (what: Demanded): string => meanings[what];

/** Everything that a fleet asks of what carries its machines. */
export function demandsOf(spec: FleetSpec, { brings }: MachineProvider, catalog: readonly Component[]): readonly Demand[] {
  const clusters = clustersOf(spec);
  const meet = clusters.length > 1 && clusters.some(({ role }) => role !== 'standalone');
  return [
    ...(spec.image === undefined ? [] : [field('image', ['image'], spec.image, 'the fleet')]),
    ...(spec.featureGates === 'full' ? [] : [field('featureGates', ['featureGates'], spec.featureGates, 'the fleet')]),
    ...(meet ? [structural('machineToMachine', `the clusters ${clusters.map(({ name }) => name).join(', ')} as hub and agents`)] : []),
    ...clusters.flatMap((cluster) => [
      ...(cluster.nodes.length > 1 ? [structural('machineToMachine', `cluster "${cluster.name}" of ${cluster.nodes.length} nodes`)] : []),
      // A cluster that is brought has its API published on the host.
      ...(brings === 'machines' ? [structural('hostToMachine', `cluster "${cluster.name}"`)] : []),
      ...(cluster.hostPorts.length > 0 ? [field('hostPorts', [...cluster.path, 'hostPorts'], cluster.hostPorts, named(cluster))] : []),
      ...nodesOf(cluster).flatMap(({ path, name, address }) =>
        address === undefined ? [] : [field('stableAddresses', [...path, 'address'], address, `node "${name}"`)],
      ),
      ...selectComponents(cluster, catalog).components.flatMap((component) =>
        (component.needs ?? []).map((what) => componentDemand(what, component.id, cluster)),
      ),
    ]),
  ];
}

/** What the provider says to a demand on a network of its; one that it does not have is judged by its default. */
export function supportOf(what: Demanded, provider: MachineProvider, network: string | undefined): Support {
  if (what === 'hostPorts') return provider.brings === 'clusters' ? 'yes' : 'no';
  // kind writes its own kubeadm configuration.
  if (what === 'featureGates') return provider.brings === 'clusters' ? 'no' : 'yes';
  if (what === 'image') return provider.image === null ? 'no' : 'yes';
  return (provider.networks[network ?? defaultNetwork(provider)] ?? provider.networks[defaultNetwork(provider)]!)[what];
}

const named = ({ name }: { readonly name: string }) => `cluster "${name}"`;

const structural = (what: Demanded, by: string): Demand => ({ what, by, path: ['machineNetwork'], leaveOut: null });

function field(what: Demanded, path: Demand['path'], value: unknown, by: string): Demand {
  return { what, by, path, value, leaveOut: { remedy: `leave ${path.at(-1)} out`, changes: [{ path }] } };
}

function componentDemand(what: Feature, id: string, cluster: PlacedCluster): Demand {
  const { add, remove } = cluster.components;
  const at = [...cluster.path, 'components'];
  const without: FleetChange = add.includes(id)
    ? { path: [...at, 'add'], value: add.filter((other) => other !== id) }
    : { path: [...at, 'remove'], value: [...remove, id] };
  const untuned = (['values', 'secrets'] as const).flatMap((field): FleetChange[] =>
    cluster.components[field][id] === undefined ? [] : [{ path: [...at, field, id] }],
  );
  return {
    what,
    by: `${id} of ${named(cluster)}`,
    path: at,
    leaveOut: { remedy: `leave ${id} out of ${named(cluster)}`, changes: [without, ...untuned] },
  };
}
