import { catalog } from '../../components';
import type { Component, ComponentContext, ContextCluster, Role } from '../../components/define';
import { fillers } from '../../model/install-order';
import { mergeValues } from '../../model/merge-values';
import { staticValues } from '../../model/resolve-components';
import { type Json, readFile } from './fleet-fixture';

/** A hub and an agent of the sizes of the fleet trio. */
const cluster = (name: string, id: number, role: Role, memoryMiB: number): ContextCluster => ({
  name,
  id,
  role,
  podCidr: `10.10${id}.0.0/16`,
  serviceCidr: `10.20${id}.0.0/16`,
  api: { name: `api.${name}.flotilla.internal`, port: 6443 },
  nodes: [
    { name: `${name}-cp`, role: 'control-plane', address: `10.77.0.${id}1`, cpus: 2, memoryMiB: memoryMiB - 1024, diskGiB: 30 },
    { name: `${name}-worker`, role: 'worker', address: `10.77.0.${id}2`, cpus: 2, memoryMiB, diskGiB: 40 },
  ],
});

const clusters = { hub: cluster('mgmt', 1, 'hub', 6144), agent: cluster('app1', 2, 'agent', 4096) };

export const component = (id: string): Component => catalog.find((one) => one.id === id)!;

/** What a component of the role may know, in a cluster with the role's set less what is left out. */
export function contextOf(role: 'hub' | 'agent', without: readonly string[] = []): ComponentContext {
  const there = catalog.filter(({ id, roles }) => roles.includes(role) && !without.includes(id));
  return {
    cluster: clusters[role],
    nodes: clusters[role].nodes,
    clusters: Object.values(clusters),
    hub: clusters.hub,
    domain: 'flotilla.internal',
    kubernetesVersion: '1.35.4',
    has: (target) => fillers(target, there).length > 0,
    file: (path) => readFile(path) ?? '',
  };
}

/** What its chart gets. */
export const valuesOf = (id: string, context: ComponentContext): Json =>
  mergeValues(staticValues(id, readFile), component(id).values?.(context) ?? {});
