import { Aspects, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Component, ContextCluster } from '../components/define';
import { installOrder } from '../model/install-order';
import { installationFaults } from '../model/props/platforms';
import { refuse } from '../model/props/problem';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { describeSecret, type Place } from '../model/secret-shapes';
import { checkProps, secretsWithTokens } from './check-props';
import { ComponentSet, type ComponentSetProps, type PendingComponent } from './component-set';
import { crossClusterDependencies, registerPlatform } from './cross-cluster-dependencies';
import { type ClusterPlatformProps, clusterSource } from './platform-cluster';
import { type FleetPlatformProps, fleetSource } from './platform-fleet';
import { type Contribution, closureOf, type PlatformSource } from './platform-source';

/** What other resources depend on to start after something is ready. Pass it to `dependsOn`. */
export type Ready = readonly ITerraformDependable[];

/** Properties that do not depend on where the components of a platform come from. */
export interface PlatformPlacement extends Pick<ComponentSetProps, 'chartMirror' | 'prefix' | 'providers'> {
  /** Everything in the platform starts after these. @default - nothing */
  readonly dependsOn?: Ready;
}

export type PlatformProps = PlatformPlacement & (FleetPlatformProps | ClusterPlatformProps);

/**
 * Everything that is installed on one cluster. `CiliumMesh`, `VaultPki`, `ObservabilityHub` and `AgentCluster` attach to it, and so do components of your own by
 * `install`. The platform is resolved as a whole at synthesis, so the order of the constructs does not matter.
 */
export class Platform extends Construct {
  /** Makes the Terraform resources. Its children exist after synthesis started; change them by an Aspect or by `values`. */
  public readonly components: ComponentSet;
  private readonly source: PlatformSource;
  private readonly contributions: Contribution[] = [];
  private plan: readonly ResolvedComponent[] | null = null;

  /** @throws Error when a value looks like a secret, or the fleet has no cluster of that name */
  constructor(scope: Construct, id: string, props: PlatformProps) {
    super(scope, id);
    if (!('fleet' in props)) {
      checkProps(this, props, installationFaults);
      refuseSecrets(this, { values: props.values });
    }
    this.source = 'fleet' in props ? fleetSource(this, props) : clusterSource(this, props);
    const { uid, cluster, kubeconfig } = this.source;
    const { chartMirror, prefix, providers, dependsOn = [] } = props;
    const optional = { ...(chartMirror ? { chartMirror } : {}), ...(prefix ? { prefix } : {}), ...(providers ? { providers } : {}) };
    this.components = new ComponentSet(this, 'components', { uid, cluster: cluster.name, kubeconfig, components: [], ...optional });
    registerPlatform(this, this.components);
    this.components.addAtSynthesis((): readonly PendingComponent[] =>
      this.resolved().map((component) => ({ component, after: [...dependsOn, ...this.dependenciesOf(component.id)] })),
    );
    Aspects.of(this).add({ visit: (node) => node === this && this.refuseCrossClusterDependencies() });
  }

  public get cluster(): ContextCluster {
    return this.source.cluster;
  }

  /** All clusters of the fleet, including this one. */
  public get clusters(): readonly ContextCluster[] {
    return this.source.clusters;
  }

  public get domain(): string {
    return this.source.domain;
  }

  /** Path below the deployment's folder. */
  public get kubeconfig(): string {
    return this.source.kubeconfig;
  }

  /** Put before every Terraform name. */
  public get prefix(): string {
    return this.components.props.prefix ?? '';
  }

  /** Of these components, the first that the fleet file installs. A platform without a fleet file installs nothing by itself. */
  public firstOf(...candidates: readonly Component[]): Component | undefined {
    return candidates.find(({ id }) => this.source.installs(id));
  }

  /**
   * Installs components with everything that they require by name.
   * @throws Error when the platform is resolved already, when a value looks like a secret, and for values when the platform comes from a fleet file
   */
  public install(
    components: readonly Component[],
    more: Omit<Contribution, 'scope' | 'components'> & { readonly scope?: Construct } = {},
  ): void {
    const { scope = this } = more;
    if (this.plan !== null)
      throw new Error(
        `${this.node.path} is resolved already, and ${scope.node.path} would change it: create all constructs of a platform before you read values of one`,
      );
    refuseSecrets(scope, { values: more.values });
    this.contributions.push({ ...more, scope, components });
    this.contributions.sort(byPath);
    this.source.check(this.contributions);
  }

  /** A component as it is installed. Reading it resolves the platform: constructs cannot be added afterwards. @throws Error when it is not installed */
  public resolvedComponent({ id }: Component): ResolvedComponent {
    const found = this.resolved().find((component) => component.id === id);
    if (found === undefined) throw new Error(`${this.node.path} does not install "${id}": add it, or do not use what depends on it`);
    return found;
  }

  /** Everything that is installed, in install order. Reading it resolves the platform: constructs cannot be added afterwards. */
  public resolved(): readonly ResolvedComponent[] {
    this.plan ??= this.source.resolve(this.contributions);
    return this.plan;
  }

  /** Components that are known so far, with everything that they require by name. */
  public known(): readonly Component[] {
    return closureOf(this.contributions.flatMap(({ components }) => components));
  }

  /** Whether a component that a construct adds is installed: always, unless the fleet file leaves it out. */
  public includes({ id }: Component): boolean {
    return this.source.mayInstall(id);
  }

  /** Ready when all of these components are. Components that the fleet file leaves out are skipped. */
  public ready(...components: readonly Component[]): Ready {
    const wanted = components.filter((component) => this.includes(component));
    const earlier = new Set(installOrder(closureOf(wanted), this.cluster.role !== 'agent').flatMap(({ dependsOn }) => dependsOn));
    return wanted.filter(({ id }) => !earlier.has(id)).map(({ id }) => this.components.readyDependency(id));
  }

  private refuseCrossClusterDependencies(): void {
    refuse(this.node.path, crossClusterDependencies(this, this.cluster, this.clusters));
  }

  private dependenciesOf(id: string): Ready {
    const needed = this.contributions.filter(({ components }) => closureOf(components).some((component) => component.id === id));
    return needed.flatMap(({ dependsOn = [] }) => dependsOn);
  }
}

/** Values are stored in Terraform's state, so none may be a secret. @throws Error that names the place, not the value */
export function refuseSecrets(scope: Construct, props: Readonly<Record<string, unknown>>, place?: Place): void {
  refuse(scope.node.path, secretsWithTokens(props, place).map(describeSecret));
}

/** Contributions are sorted by the path of their construct, so that the order of creation does not matter. */
function byPath({ scope: { node: left } }: Contribution, { scope: { node: right } }: Contribution): number {
  if (left.path === right.path) return 0;
  return left.path < right.path ? -1 : 1;
}
