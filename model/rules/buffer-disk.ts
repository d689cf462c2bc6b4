import { bufferBytesOn, buffersOf, gibibyte, logOf } from '../buffers';
import { selectComponents } from '../select-components';
import { type BrokenRule, clustersOf, nodesOf, type PlacedCluster, type Rule, type RuleFacts } from './rule';

/** Of a node's disk: the operating system, Kubernetes and images, and what kubelet keeps free before it evicts. */
const systemGiB = 8;
const evictionGiB = 1;

/** What the contracts promise to keep while the hub is away fits the nodes' disks, and lasts as long as promised at the cluster's size. */
export const bufferDisk: Rule = {
  id: 'buffer-disk',
  check: ({ spec, catalog }) => clustersOf(spec).flatMap((cluster) => [...tooSmall(cluster, catalog), ...tooShort(cluster, catalog)]),
};

function tooSmall(cluster: PlacedCluster, catalog: RuleFacts['catalog']): readonly BrokenRule[] {
  const { components } = selectComponents(cluster, catalog);
  return nodesOf(cluster).flatMap((node) => {
    const bytes = bufferBytesOn(node, components, cluster.role, cluster.nodes);
    const needed = Math.ceil(systemGiB + evictionGiB + bytes / gibibyte);
    if (bytes === 0 || node.diskGiB >= needed) return [];
    const path = [...node.path, 'diskGiB'];
    const rule = `cannot hold the ${inGiB(bytes)} GiB that its cluster promises to keep while the hub is away, beside ${systemGiB} for system and images and ${evictionGiB} that stays free`;
    const remedy = `write ${needed} or more`;
    return [{ path, value: node.diskGiB, rule, remedy, waysOut: [{ remedy, changes: [{ path, value: needed }] }] }];
  });
}

function tooShort(cluster: PlacedCluster, catalog: RuleFacts['catalog']): readonly BrokenRule[] {
  const { components } = selectComponents(cluster, catalog);
  const problem = (rule: string): BrokenRule => ({
    path: [...cluster.path, 'name'],
    value: cluster.name,
    rule,
    remedy: 'divide its nodes among several clusters, or remove the component and with it the promise',
  });
  const claims = components.flatMap(({ id, buffers }) =>
    (buffers?.[cluster.role] ?? []).flatMap((demand) => {
      if (demand.signal !== 'metrics') return [];
      const { bytes } = logOf(demand, cluster.nodes);
      const rule = `is so large that the log of metrics of "${id}" takes ${inGiB(bytes)} GiB, and its claim has ${demand.claimGiB}`;
      return bytes <= demand.claimGiB * gibibyte ? [] : [problem(rule)];
    }),
  );
  const windows = buffersOf(components, cluster.role, cluster.nodes)
    .filter(({ hours, promisedHours }) => hours < promisedHours)
    .map(({ component, signal, hours, promisedHours }) =>
      problem(`is so large that "${component}" keeps ${signal} for ${hours.toFixed(1)} hours, and promises ${promisedHours}`),
    );
  return [...claims, ...windows];
}

const inGiB = (bytes: number): string => (bytes / gibibyte).toFixed(1);
