import { Construct } from 'constructs';
import type { Component } from '../components/define';
import { kubePrometheusStack } from '../components/observability/kube-prometheus-stack';
import { loki } from '../components/observability/loki';
import { otelCollector } from '../components/observability/otel-collector';
import { tempo } from '../components/observability/tempo';
import { thanos } from '../components/observability/thanos';
import { type Buffer, buffersOf } from '../model/buffers';
import { servingOf } from '../model/fleet-services';
import { refuse } from '../model/props/problem';
import type { Platform, Ready } from './platform';
import { hubComponents } from './platform-cluster';

export interface AgentClusterProps {
  /** Components that the hub installs for the fleet, beside the stores and what components use by name. @default - none */
  readonly hubComponents?: readonly Component[];
  /** @default - nothing */
  readonly dependsOn?: Ready;
}

/**
 * A cluster that runs workloads and survives without its hub: collectors that buffer what they cannot send, and services under which the hub is reached. The
 * contracts of the fleet are checked at synthesis for everything in the platform.
 */
export class AgentCluster extends Construct {
  /** The collectors run. What they collect arrives when the hub runs. */
  public readonly ready: Ready;
  private readonly hub: readonly Component[];

  /** Whether the fleet file installs it on this cluster. */
  public static isPartOf(platform: Platform): boolean {
    return platform.cluster.role === 'agent' && platform.firstOf(otelCollector) !== undefined;
  }

  /** @throws Error when the cluster is not an agent or the fleet has no hub */
  constructor(
    private readonly platform: Platform,
    id: string,
    props: AgentClusterProps = {},
  ) {
    super(platform, id);
    const { cluster, clusters } = platform;
    if (cluster.role !== 'agent' || !clusters.some(({ role }) => role === 'hub'))
      refuse(this.node.path, [
        `"${cluster.name}" is of role ${cluster.role} in a fleet of ${clusters.length} clusters; an agent needs role agent and another cluster of role hub`,
      ]);
    this.hub = [thanos, loki, tempo, ...(props.hubComponents ?? [])];
    platform.install([kubePrometheusStack, otelCollector], { scope: this, hubComponents: this.hub, dependsOn: props.dependsOn ?? [] });
    this.ready = platform.ready(kubePrometheusStack, otelCollector);
  }

  /** What the cluster stores while the hub is away, in bytes and hours, for the components that are known so far. */
  public get buffers(): readonly Buffer[] {
    const { cluster } = this.platform;
    return buffersOf(this.platform.known(), cluster.role, cluster.nodes);
  }

  /** Addresses of the hub's services inside the cluster, for the components that are known so far. */
  public get services(): readonly string[] {
    return servingOf(this.hubComponents()).flatMap(({ component, services }) =>
      services.map(({ name, port }) => `${name}.${component.namespace.name}.svc:${port}`),
    );
  }

  private hubComponents(): readonly Component[] {
    return hubComponents(this.platform.known(), [{ scope: this, components: [], hubComponents: this.hub }]);
  }
}
