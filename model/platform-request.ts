import type { Component, ContextCluster, FleetSetting } from '../components/define';
import type { Road, Serving } from './fleet-services';

/** Text of a file of the repository by its path from the root, `null` when there is none. */
export type ReadFile = (path: string) => string | null;

/** What the fleet file says to scripts of components. */
export type FleetSettings = Readonly<Partial<Record<FleetSetting, unknown>>>;

export type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Script input by component id and step id. */
export type StepInputs = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** One cluster, what it installs, and what the fleet around it provides: everything that a platform is resolved from. */
export interface PlatformRequest {
  readonly cluster: ContextCluster;
  /** All clusters of the fleet in its order, including this one. */
  readonly clusters: readonly ContextCluster[];
  readonly domain: string;
  readonly kubernetesVersion: string;
  /** Everything that is installed, closed over `requires`. The order decides between components that do not depend on each other. */
  readonly components: readonly Component[];
  /** Components that an agent may use on its hub. */
  readonly reachable: readonly Component[];
  /** Helm values by component id, merged over those of the component. */
  readonly values: Values;
  /** Names of user-supplied secrets by component id. */
  readonly userSecrets: Readonly<Record<string, readonly string[]>>;
  /** Settings of the fleet file that scripts of components receive. @default - none */
  readonly settings?: FleetSettings;
  /** Additional script input by component id and step id. @default - none */
  readonly stepInputs?: StepInputs;
  /** Services that the hub exports to the fleet. */
  readonly serving: readonly Serving[];
  /** How clusters reach these services. */
  readonly road: Road;
  /** Whether namespaces deny all traffic that no component declares. @default - true for hubs and agents, false for standalone clusters */
  readonly defaultDeny?: boolean;
  readonly readFile: ReadFile;
}
