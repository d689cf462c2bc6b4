import { type ITerraformDependable, Token } from 'cdktf';
import { Construct } from 'constructs';
import { alertRules } from '../components/alert-rules';
import type { Component, ContextCluster } from '../components/define';
import { grafana } from '../components/grafana';
import { kubePrometheusStack } from '../components/kube-prometheus-stack';
import { loki } from '../components/loki';
import { otelCollector } from '../components/otel-collector';
import { seaweedfs } from '../components/seaweedfs';
import { tempo } from '../components/tempo';
import { thanos } from '../components/thanos';
import { webhookLogger } from '../components/webhook-logger';
import { type Buffer, buffersOf } from '../model/buffers';
import { broughtSecret } from '../model/laid-secrets';
import { mergeValues } from '../model/merge-values';
import { installationFaults, observabilityFaults } from '../model/props/platforms';
import { checkProps } from './check-props';
import { type Installation, type InstallationProps, install, refuseSecrets } from './installation';

export interface ObservabilityHubProps extends InstallationProps {
  /** How long each signal is kept, in whole days, known at synthesis. @default - 30, 7 and 2 */
  readonly keepDays?: { readonly metrics?: number; readonly logs?: number; readonly traces?: number };
  /** Port of every node on which Grafana answers, a NodePort: 30000 to 32767; may be a cdktf token. @default - the port of our values */
  readonly grafanaPort?: number;
  /**
   * Who hears of alerts: a webhook, or a program of ours that writes them into its log. A URL that is a secret, as those of Slack and the like are, lies in
   * `secrets/brought/<name>` of the deployment and is given by that name. A URL here, also one that is a cdktf token, is written to Terraform's state.
   * @default - the program
   */
  readonly alertWebhook?: string | { readonly brought: string };
}

/** Where a signal goes, under the same name in every cluster of the mesh. */
export interface SignalSink {
  readonly url: string;
  readonly ready: ITerraformDependable;
}

/** Metrics, logs and traces of all clusters in one place: stores on an object store, a tenant per cluster, rules, alerts and dashboards. */
export class ObservabilityHub extends Construct {
  public readonly metrics: SignalSink;
  public readonly logs: SignalSink;
  public readonly traces: SignalSink;
  public readonly set: Installation['set'];
  private readonly made: Installation;

  /**
   * @throws Error when a signal is kept for less than the hours that agents may be cut off: what they send late would be refused; and when the webhook, or a
   * value, looks like a secret
   */
  constructor(scope: Construct, id: string, props: ObservabilityHubProps) {
    super(scope, id);
    checkProps(this, withWebhook(props), installationFaults, observabilityFaults, () => tooShort(props));
    refuseSecrets(this, { alertWebhook: props.alertWebhook });
    const wanted = [seaweedfs, thanos, loki, tempo, kubePrometheusStack, alertRules, otelCollector, grafana];
    const logsAlerts = props.alertWebhook === undefined ? [webhookLogger] : [];
    const over = tuning(props);
    const made = install(this, withWebhook(props), [...wanted, ...logsAlerts], (component) => {
      const more = over[component.id];
      return more === undefined ? component : { ...component, values: mergeValues(component.values, more) };
    });
    const sink = (component: Component, scheme: string, path: string): SignalSink => {
      const { name, port } = component.serves![0]!;
      return { url: `${scheme}${name}.${component.namespace.name}.svc:${port}${path}`, ready: made.end(component) };
    };
    this.set = made.set;
    this.metrics = sink(thanos, 'http://', '/api/v1/receive');
    this.logs = sink(loki, 'http://', '/otlp');
    this.traces = sink(tempo, '', '');
    this.made = made;
  }

  /** Everything is there: stores, collectors, rules, alerting and its receiver, and Grafana. */
  public get ready(): readonly ITerraformDependable[] {
    return this.made.ends();
  }

  /** Where the administrator's password is, and what stands for Grafana being there. */
  public get grafana(): {
    readonly adminSecret: { readonly namespace: string; readonly name: string };
    readonly ready: ITerraformDependable;
  } {
    const { namespace, secrets } = this.made.of(grafana);
    return { adminSecret: { namespace: namespace.name, name: secrets[0]!.name }, ready: this.made.end(grafana) };
  }

  /** How a cluster signs what it sends: each is a tenant of its own, or one that catches up after an outage makes the others' backlog too old. */
  public tenant(cluster: string): Readonly<Record<string, string>> {
    return { 'THANOS-TENANT': cluster };
  }
}

function tooShort({ keepDays = {}, others }: ObservabilityHubProps): readonly string[] {
  return Object.entries(keepDays).flatMap(([signal, days]) => {
    const late = daysLate(signal as Buffer['signal'], Array.isArray(others) ? others.filter(({ nodes }) => Array.isArray(nodes)) : []);
    return Token.isUnresolved(days) || !(days < late)
      ? []
      : [
          `keepDays.${signal}: ${signal} of ${days} days are less than the ${late} that an agent may be late; keep it for ${late} days or more`,
        ];
  });
}

/** Days that a signal has to be kept so that what comes late is not refused: as long as the buffer of any agent lasts, and a day where none is known. */
function daysLate(signal: Buffer['signal'], others: readonly ContextCluster[] = []): number {
  const kept = others.flatMap(({ role, nodes }) => buffersOf([kubePrometheusStack, otelCollector], role, nodes));
  return Math.max(1, ...kept.filter((buffer) => buffer.signal === signal).map(({ hours }) => Math.ceil(hours / 24)));
}

function withWebhook(props: ObservabilityHubProps): InstallationProps {
  const { alertWebhook, brought = {} } = props;
  if (alertWebhook === undefined || typeof alertWebhook === 'string') return props;
  return {
    ...props,
    brought: { ...brought, [kubePrometheusStack.id]: [...(brought[kubePrometheusStack.id] ?? []), alertWebhook.brought] },
  };
}

/** What the props say, in the words of the charts. */
function tuning({
  keepDays = {},
  grafanaPort,
  alertWebhook,
}: ObservabilityHubProps): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
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
    ...(alertWebhook === undefined ? {} : { [kubePrometheusStack.id]: { alertmanager: ringing(alertWebhook) } }),
  };
}

function ringing(webhook: string | { readonly brought: string }) {
  const secret = broughtSecret(kubePrometheusStack.id);
  const target = typeof webhook === 'string' ? { url: webhook } : { url_file: `/etc/alertmanager/secrets/${secret}/${webhook.brought}` };
  return {
    ...(typeof webhook === 'string' ? {} : { alertmanagerSpec: { secrets: [secret] } }),
    // Lists replace those of the component, so both that name a receiver are said anew.
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
