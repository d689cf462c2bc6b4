import { Annotations, Aspects, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Component } from '../components/define';
import { kubePrometheusStack } from '../components/kube-prometheus-stack';
import { loki } from '../components/loki';
import { otelCollector } from '../components/otel-collector';
import { tempo } from '../components/tempo';
import { thanos } from '../components/thanos';
import { type Buffer, buffersOf } from '../model/buffers';
import { brokenContracts } from '../model/contracts';
import { type Serving, serviceRelease, servingOf } from '../model/fleet-services';
import { fillers } from '../model/install-order';
import { networkPolicies, policyRelease } from '../model/network-policies';
import { refuse } from '../model/props/problem';
import { requestsOf } from '../model/requests';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { Assembly } from './assembly';
import type { Everything } from './assembly-parts';
import { foreignWaits } from './foreign-waits';
import { type Installation, type InstallationProps, install } from './installation';

/** `cluster.role` is agent, and one of `others` is its hub. */
export interface AgentClusterProps extends InstallationProps {
  /** What it runs beside the collectors; the contracts hold for these too, and for all that other constructs put into its set. @default - nothing */
  readonly components?: readonly Component[];
  /** What the hub has for the fleet. @default - what the collectors send to, and what is reached by name */
  readonly hubComponents?: readonly Component[];
  /** Whether namespaces are closed but for what their components need. @default true */
  readonly closed?: boolean;
}

const road = { by: 'mesh' } as const;

/**
 * A cluster that runs workloads and lives without its hub: light collectors that keep what they cannot send, the ways to the hub's services, and the contracts
 * of the fleet. At synthesis each is looked at for everything in the set, whoever has put it there.
 */
export class AgentCluster extends Construct {
  /** Collectors run; what they collect arrives when there is a hub. */
  public readonly collecting: readonly ITerraformDependable[];
  public readonly set: Installation['set'];

  /** @throws Error when there is no hub; synthesis throws one with every contract that would be broken */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AgentClusterProps,
  ) {
    super(scope, id);
    const { cluster, others = [], components: more = [] } = props;
    if (cluster.role !== 'agent' || !others.some(({ role }) => role === 'hub'))
      refuse(this.node.path, [
        `"${cluster.name}" has to be of role agent, and a hub among the other clusters; give \`cluster\` the role agent, and one of \`others\` the role hub`,
      ]);
    const made = install(this, props, [kubePrometheusStack, otelCollector, ...more], undefined, {
      reached: this.hubComponents(more),
      conclude: (everything) => this.conclude(everything),
    });
    this.set = made.set;
    this.collecting = [made.end(kubePrometheusStack), made.end(otelCollector)];
    Aspects.of(this).add({ visit: (node) => node === this && this.refuse(foreignWaits(made.set, others)) });
  }

  /** What it keeps while the hub is away, in bytes and hours, as far as its set is filled. */
  public get buffers(): readonly Buffer[] {
    const { cluster } = this.props;
    return buffersOf(Assembly.of(this.set).components, cluster.role, cluster.nodes);
  }

  /** Names of the hub's services, as the cluster calls them, as far as its set is filled. */
  public get services(): readonly string[] {
    return this.serving(Assembly.of(this.set).components).flatMap(({ component, services }) =>
      services.map(({ name, port }) => `${name}.${component.namespace.name}.svc:${port}`),
    );
  }

  private conclude({ components, resolved, others }: Everything): readonly ResolvedComponent[] {
    const { cluster, closed = true } = this.props;
    const serving = this.serving(components);
    this.warn(components, serving);
    this.refuse(
      brokenContracts({ clusters: [this.asCluster(components, resolved)], stacks: [] }).map(({ rule, remedy }) => `${rule}; ${remedy}`),
    );
    const policies = closed ? networkPolicies({ cluster, components, serving, road }) : [];
    const ways = serving.map((one) => serviceRelease(one, road));
    // Also after what others have put there; not after the ways, of which nothing waits for any.
    return policies.length === 0 ? ways : [...ways, policyRelease(policies, [...resolved, ...others])];
  }

  private asCluster(components: readonly Component[], resolved: readonly ResolvedComponent[]) {
    const { cluster, kubeconfig } = this.props;
    const nodes = cluster.nodes.map((node) => ({ ...node, machine: node.name }));
    const none = { hostPorts: [], skipPhases: [] };
    return {
      ...cluster,
      ...none,
      nodes,
      kubeconfig,
      components: resolved,
      requests: requestsOf(components, cluster.role, nodes),
      buffers: this.buffers,
    };
  }

  private serving(components: readonly Component[]): readonly Serving[] {
    return servingOf(this.hubComponents(components));
  }

  private hubComponents(components: readonly Component[]): readonly Component[] {
    const reached = components.flatMap(({ reaches = [] }) => reaches.filter((target) => typeof target !== 'string'));
    return [...new Map([thanos, loki, tempo, ...(this.props.hubComponents ?? []), ...reached].map((one) => [one.id, one])).values()];
  }

  /** A way to nowhere is no error, as in a fleet: an agent lives without. */
  private warn(components: readonly Component[], serving: readonly Serving[]): void {
    const there = serving.map(({ component }) => component);
    for (const { id, reaches = [] } of components)
      for (const target of reaches)
        if (typeof target === 'string' && fillers(target, there).length === 0)
          Annotations.of(this).addWarning(`${id} would use "${target}" of the hub, which nothing of \`hubComponents\` provides`);
  }

  private refuse(broken: readonly string[]): void {
    refuse(this.node.path, broken);
  }
}
