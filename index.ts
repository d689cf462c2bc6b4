/** The library: constructs and stacks for a CDK for Terraform app, and the model that they are fed with. Importing it does nothing. */
export { ComponentSet, type ComponentSetProps, type SetComponent } from './constructs/component-set';
export { escapeTemplate } from './constructs/escape';
export { deploymentContext, deploymentFolder, HostScript, type HostScriptProps } from './constructs/host-script';
export { KindCluster, type KindClusterProps, type KindNode } from './constructs/kind-cluster';
export { KubeadmCluster, type KubeadmClusterProps, type KubeadmNode } from './constructs/kubeadm-cluster';
export { Lease, type LeaseProps } from './constructs/lease';
export type { MachineProps } from './constructs/machine';
export { MultipassVm, type MultipassVmProps } from './constructs/multipass-vm';
export { NspawnVm, type NspawnVmProps } from './constructs/nspawn-vm';
export { TartVm, type TartVmProps } from './constructs/tart-vm';
export { TeardownMarker, type TeardownMarkerProps } from './constructs/teardown-marker';
export * from './model';
export { makeStacks } from './stacks';
export { ClusterStack } from './stacks/cluster';
export { FoundationStack } from './stacks/foundation';
export { LinksStack } from './stacks/links';
export { PlatformStack } from './stacks/platform';
export { settle } from './stacks/terraform-settings';
