import { Token } from 'cdktf';
import { Construct } from 'constructs';
import type { Component, ContextCluster } from '../components/define';
import { alertRules } from '../components/observability/alert-rules';
import { grafana } from '../components/observability/grafana';
import { kubePrometheusStack } from '../components/observability/kube-prometheus-stack';
import { loki } from '../components/observability/loki';
import { otelCollector } from '../components/observability/otel-collector';
import { tempo } from '../components/observability/tempo';
import { thanos } from '../components/observability/thanos';
import { webhookLogger } from '../components/observability/webhook-logger';
import { seaweedfs } from '../components/storage/seaweedfs';
import { broughtSecret } from '../model/bootstrap-secrets';
import { type Buffer, buffersOf } from '../model/buffers';
import type { Values } from '../model/platform-request';
import { observabilityFaults } from '../model/props/platforms';
import { checkProps } from './check-props';
import { type Platform, type Ready, refuseSecrets } from './platform';

export interface ObservabilityHubProps {
  /** How long each signal is kept, in days. @default - 30, 7 and 2 */
  readonly keepDays?: { readonly metrics?: number; readonly logs?: number; readonly traces?: number };
  /** Port of every node on which Grafana answers. @default - the port of Flotilla's values */
  readonly grafanaPort?: number;
  /**
   * The webhook that receives alerts. A URL that is a secret, such as one of Slack, is stored in `secrets/brought/<name>` of the deployment and given by that
   * name. @default - a program that writes alerts to its log
   */
  readonly alertWebhook?: string | { readonly brought: string };
  /** @default - nothing */
  readonly dependsOn?: Ready;
}

/** Where a signal is sent, under the same name in every cluster of the mesh. */
export interface SignalSink {
  readonly url: string;
  readonly ready: Ready;
}

/** Metrics, logs and traces of all clusters: stores on an object store, a tenant per cluster, rules, alerts and dashboards. */
export class ObservabilityHub extends Construct {
  public readonly metrics: SignalSink;
  public readonly logs: SignalSink;
  public readonly traces: SignalSink;
  /** Everything runs: stores, collectors, rules, Alertmanager with its receiver, and Grafana. */
  public readonly ready: Ready;

  /** Whether the fleet file installs it on this cluster. */
  public static isPartOf(platform: Platform): boolean {
    return platform.firstOf(thanos) !== undefined;
  }

  /**
   * @throws Error when a signal is kept for fewer hours than agents buffer it, because late data would be rejected, and when the webhook looks like a secret
   */
  constructor(
    private readonly platform: Platform,
    id: string,
    props: ObservabilityHubProps = {},
  ) {
    super(platform, id);
    const { keepDays = {}, alertWebhook, dependsOn = [] } = props;
    checkProps(this, props, observabilityFaults, () => tooShort(keepDays, platform.clusters));
    refuseSecrets(this, { alertWebhook });
    const stores = [seaweedfs, thanos, loki, tempo, kubePrometheusStack, alertRules, otelCollector, grafana];
    const components = [...stores, ...(alertWebhook === undefined ? [webhookLogger] : [])];
    const userSecrets = typeof alertWebhook === 'object' ? { userSecrets: { [kubePrometheusStack.id]: [alertWebhook.brought] } } : {};
    platform.install(components, { scope: this, dependsOn, values: valuesOf(props), ...userSecrets });
    const sink = (component: Component, scheme: string, path: string): SignalSink => {
      const [service] = component.serves ?? [];
      return { url: `${scheme}${service?.name}.${component.namespace.name}.svc:${service?.port}${path}`, ready: platform.ready(component) };
    };
    this.metrics = sink(thanos, 'http://', '/api/v1/receive');
    this.logs = sink(loki, 'http://', '/otlp');
    this.traces = sink(tempo, '', '');
    this.ready = platform.ready(...components);
  }

  /** Grafana and the Secret with its first password. */
  public get grafana(): { readonly adminSecret: { readonly namespace: string; readonly name: string }; readonly ready: Ready } {
    const { namespace, secrets } = this.platform.resolvedComponent(grafana);
    const [admin] = secrets;
    if (admin === undefined) throw new Error(`${this.node.path}: the component "${grafana.id}" has no Secret`);
    return { adminSecret: { namespace: namespace.name, name: admin.name }, ready: this.platform.ready(grafana) };
  }

  /** Headers of what a cluster sends. Each cluster is a tenant, because a tenant that catches up after an outage makes later data of the same tenant too old. */
  public tenant(cluster: string): Readonly<Record<string, string>> {
    return { 'THANOS-TENANT': cluster };
  }
}

function tooShort(keepDays: object, clusters: readonly ContextCluster[]): readonly string[] {
  return Object.entries(keepDays).flatMap(([signal, days]) => {
    const late = daysLate(signal as Buffer['signal'], clusters);
    if (Token.isUnresolved(days) || !(days < late)) return [];
    return [`keepDays.${signal} is ${days}, but an agent may send data ${late} days late; keep at least ${late}`];
  });
}

/** Days that a signal must be kept so that late data is accepted: as long as the longest buffer of an agent, and at least one day. */
function daysLate(signal: Buffer['signal'], clusters: readonly ContextCluster[]): number {
  const agents = clusters.filter(({ role }) => role === 'agent');
  const kept = agents.flatMap(({ role, nodes }) => buffersOf([kubePrometheusStack, otelCollector], role, nodes));
  return Math.max(1, ...kept.filter((buffer) => buffer.signal === signal).map(({ hours }) => Math.ceil(hours / 24)));
}

/** The props as Helm values. */
function valuesOf({ keepDays = {}, grafanaPort, alertWebhook }: ObservabilityHubProps): Values {
  const { metrics, logs, traces } = keepDays;
  const hours = (days: number): string => `${days * 24}h`;
  return {
    ...(metrics === undefined
      ? {}
      : {
          [thanos.id]: {
            compactor: { retention: { resolutionRaw: `${metrics}d`, resolution5m: `${metrics * 2}d`, resolution1h: `${metrics * 3}d` } },
          },
        }),
    ...(logs === undefined
      ? {}
      : { [loki.id]: { loki: { limits_config: { retention_period: hours(logs), reject_old_samples_max_age: hours(logs) } } } }),
    ...(traces === undefined ? {} : { [tempo.id]: { tempo: { retention: hours(traces) } } }),
    ...(grafanaPort === undefined ? {} : { [grafana.id]: { service: { nodePort: grafanaPort } } }),
    ...(alertWebhook === undefined ? {} : { [kubePrometheusStack.id]: { alertmanager: alertmanagerWith(alertWebhook) } }),
  };
}

function alertmanagerWith(webhook: string | { readonly brought: string }) {
  const secret = broughtSecret(kubePrometheusStack.id);
  const target = typeof webhook === 'string' ? { url: webhook } : { url_file: `/etc/alertmanager/secrets/${secret}/${webhook.brought}` };
  return {
    ...(typeof webhook === 'string' ? {} : { alertmanagerSpec: { secrets: [secret] } }),
    // Lists replace those of the component, so every list that names a receiver is set.
    config: {
      route: {
        receiver: 'webhook',
        routes: [
          { receiver: 'null', matchers: ['alertname = "Watchdog"'] },
          { receiver: 'webhook', matchers: ['severity = "critical"'], group_wait: '10s', repeat_interval: '1h' },
        ],
      },
      receivers: [{ name: 'null' }, { name: 'webhook', webhook_configs: [{ ...target, send_resolved: true, max_alerts: 0 }] }],
    },
  };
}
