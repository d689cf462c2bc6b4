import '../../constructs/quiet-stack-traces';
import { TerraformStack, Testing } from 'cdktf';
import type { Construct } from 'constructs';
import type { ContextCluster, Role } from '../../components/define';
import type { SetComponent } from '../../constructs/component-set';
import { Platform, type PlatformPlacement } from '../../constructs/platform';
import type { ClusterPlatformProps } from '../../constructs/platform-cluster';
import type { Json as Loose } from './fleet-fixture';
import { before, type Json, resourceEdges } from './stack-graph';

export const cluster = (name: string, id: number, role: Role, more: Partial<ContextCluster> = {}): ContextCluster => ({
  name,
  id,
  role,
  podCidr: `10.${100 + id}.0.0/16`,
  serviceCidr: `10.${200 + id}.0.0/16`,
  api: { name: `api.${name}.example.internal`, port: 6443 },
  nodes: [
    { name: `${name}-cp`, role: 'control-plane', address: `10.9.${id}.1`, cpus: 2, memoryMiB: 4096, diskGiB: 40 },
    { name: `${name}-worker`, role: 'worker', address: `10.9.${id}.2`, cpus: 4, memoryMiB: 8192, diskGiB: 60 },
  ],
  ...more,
});
export const hub = cluster('hub', 1, 'hub');
export const edge = cluster('edge', 2, 'agent');
export const far = cluster('far', 3, 'agent', { loadBalancerPool: '192.168.64.231-192.168.64.240' });
export const place = (of: ContextCluster, ...others: ContextCluster[]) => ({
  uid: 'abc123',
  cluster: of,
  others,
  kubeconfig: `kubeconfig/${of.name}`,
  domain: 'example.internal',
  kubernetesVersion: '1.35.4',
});

/** The platform of a cluster, whose construct id is the cluster's name. */
export const platform = (
  scope: Construct,
  of: ContextCluster,
  others: readonly ContextCluster[] = [],
  more: Partial<ClusterPlatformProps> & PlatformPlacement = {},
) => new Platform(scope, of.name, { ...place(of, ...others), ...more });

/** A stack with what is made in it, and the handles. */
export function synthesize<T>(make: (scope: Construct) => T): { json: Json; made: T; values: (release: string) => Record<string, Loose> } {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const made = make(stack);
  const json: Json = JSON.parse(Testing.synth(stack));
  const values = (release: string) => JSON.parse((json.resource.helm_release![release]!.values as [string])[0]);
  return { json, made, values };
}
/** Made when it is first asked for, and once. */
export function once<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => {
    if (made.length === 0) made.push(make());
    return made[0]!;
  };
}
export const needs = (json: Json, type: string, name: string) => json.resource[type]![name]!.depends_on;
export const input = (json: Json, name: string) => JSON.parse((json.resource.null_resource![name]!.triggers as { input: string }).input);
export const comesAfter = (json: Json, late: string, early: string): boolean => before(resourceEdges(json), late).has(early);

/** A component that is resolved already, as one is that stands in a set by itself. */
export const raw = (id: string, more: Partial<SetComponent> = {}): SetComponent => ({
  id,
  namespace: { name: 'kube-system', podSecurity: null },
  chart: null,
  dependsOn: [],
  timeoutSeconds: 60,
  values: {},
  resources: [],
  ready: [],
  ...more,
});
