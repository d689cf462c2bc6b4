/**
 * The name of every Terraform resource of a fleet. Names are a contract with existing state: a change needs a `moved` block, and the lists in
 * `__tests__/golden/addresses` show it. Constructs make the resources, the runner finds them in state.
 */

/** Steps of one node, in the order in which they run. A node has only those that its provider and its sources need. */
export const nodeSteps = ['machine', 'packages', 'prepare', 'images', 'names', 'init', 'join'] as const;
export type NodeStep = (typeof nodeSteps)[number];

/** Steps of one cluster. `cluster` makes a whole cluster, where the provider does that. */
export const clusterSteps = ['coredns', 'kubeconfig', 'serving', 'cluster'] as const;
export type ClusterStep = (typeof clusterSteps)[number];

/** Of a namespace: the object itself, its LimitRange and its ResourceQuota. */
export const namespaceParts = {
  namespace: 'kubernetes_namespace_v1',
  limits: 'kubernetes_limit_range_v1',
  quota: 'kubernetes_resource_quota_v1',
} as const;
export type NamespacePart = keyof typeof namespaceParts;

export const nodeStepName = (step: NodeStep, node: string): string => `${step}-${node}`;
export const clusterStepName = (step: ClusterStep, cluster: string): string => `${step}-${cluster}`;
export const namespacePartName = (part: NamespacePart, namespace: string): string => `${part}-${namespace}`;
export const componentSecretsName = (component: string): string => `secrets-${component}`;
export const componentStepName = (component: string, step: string): string => `step-${component}-${step}`;
export const componentGateName = (component: string): string => `gate-${component}`;
export const accessStepName = (client: string, component: string, step: string): string => `access-${client}-${component}-${step}`;
export const linkName = (subject: 'names' | 'coredns', name: string): string => `links-${subject}-${name}`;
export const destroyHookName = 'lease';
export const teardownMarkerName = 'teardown';

/** Address of a script. */
export const scriptAddress = (name: string): string => `null_resource.${name}`;
export const namespacePartAddress = (part: NamespacePart, namespace: string): string =>
  `${namespaceParts[part]}.${namespacePartName(part, namespace)}`;
/** Address of one instance of the destroy hook. */
export const destroyHookAddress = (instance: string): string => scriptAddress(`${destroyHookName}["${instance}"]`);

/** The instance of a destroy hook, `null` for any other address. */
export const destroyHookInstance = (address: string): string | null => destroyHookPattern.exec(address)?.[1] ?? null;
const destroyHookPattern = new RegExp(`^null_resource\\.${destroyHookName}\\["(.+)"\\]$`);

/** Whether an address is a script that does something when it is created. Destroy hooks and teardown markers only record. */
export const isScriptAddress = (address: string): boolean => address.startsWith('null_resource.') && !recordPattern.test(address);
const recordPattern = new RegExp(`^null_resource\\.(${destroyHookName}|${teardownMarkerName})\\b`);

export const isLinkAddress = (address: string): boolean => address.startsWith('null_resource.links-');
