import { type Component, defineComponent } from '../../components/define';
import type { FleetInput } from '../../config/schema';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { fromText, resolveFresh } from './fleet-fixture';

/** A component made up for a test, in a namespace of its own. */
export const fake = (id: string, more: Partial<Component> = {}): Component =>
  defineComponent({ id, summary: id, roles: ['hub', 'agent'], namespace: { name: id, podSecurity: 'restricted' }, ...more });

export const net = fake('net', { namespace: { name: 'kube-system' }, provides: ['cni'] });
/** A service of the hub, as agents use it. */
export const safe = fake('safe', {
  roles: ['hub'],
  serves: [{ name: 'safe-fleet', port: 8200, targetPort: 8201, selector: { app: 'safe' } }],
});

const node = (name: string, role: string) => ({ name, role, memoryMiB: 2048 });

/** A hub and an agent of two nodes each. */
export const twoClusters = (more: Partial<FleetInput> = {}): FleetInput => ({
  budget: { memoryMiB: 16384 },
  clusters: (['hub', 'agent'] as const).map((role, index) => ({
    name: role === 'hub' ? 'center' : 'edge',
    id: index + 1,
    role,
    nodes: [node(`${role}-cp`, 'control-plane'), node(`${role}-worker`, 'worker')] as never,
  })),
  ...more,
});

export const resolveWith = (catalog: readonly Component[], fleet: FleetInput = twoClusters()): ResolvedFleet =>
  resolveFresh(fromText(JSON.stringify(fleet)), { catalog });

export const idsOf = (fleet: ResolvedFleet, cluster: string): readonly string[] =>
  fleet.clusters.find(({ name }) => name === cluster)!.components.map(({ id }) => id);

export const componentOf = (fleet: ResolvedFleet, cluster: string, id: string) =>
  fleet.clusters.find(({ name }) => name === cluster)!.components.find((component) => component.id === id)!;
