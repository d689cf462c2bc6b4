/** What works without the framework: fleets, components and machine providers as data, and the resolved fleet that is made of them. */
export { catalog } from '../components';
export {
  type Check,
  type Component,
  type ComponentContext,
  type ComponentNamespace,
  type Condition,
  type ContextCluster,
  type ContextNode,
  defineComponent,
  type FleetService,
  type Manifest,
  type PodSecurity,
  type Requests,
  type Role,
  type SecretDemand,
  type Slot,
  type Step,
  slots,
  type Traffic,
} from '../components/define';
export { type LoadedFleet, loadFleet, parseFleet } from '../config/load';
export { packageRoot } from '../config/package-root';
export { FleetError, type FleetProblem, UserError } from '../config/problem';
export { type ClusterSpec, type FleetInput, type FleetSpec, fleetJsonSchema, type NodeSpec } from '../config/schema';
export { chooseProvider, machineProviders } from '../machines';
export { defineMachineProvider, type MachineProvider } from '../machines/define';
export { type DefineFleetOptions, defineFleet } from './define-fleet';
export { admission, corefile, type HostEntry, hostNames, initDocuments, joinDocument } from './kubeadm';
export type { PlatformRequest, ReadFile } from './platform-request';
export { type ResolveOptions, resolve } from './resolve';
export { type ResolvedPlatform, resolvePlatform } from './resolve-platform';
export type * from './resolved-fleet';
export { type ValidateOptions, validateFleet } from './validate';
