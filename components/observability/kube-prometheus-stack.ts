import type { ComponentContext } from '../define';
import { defineComponent } from '../define';
import { prometheusOperatorCrds } from './prometheus-operator-crds';
import { thanos } from './thanos';
import { webhookLogger } from './webhook-logger';

const namespace = 'monitoring';
const alertmanagerNodePort = 30903;

/** Of the agent's log of what is not sent yet; the hours that they mean at a cluster's size are computed in model/buffers.ts. */
const log = { signal: 'metrics', scrapeSeconds: 30, truncateHours: 6, claimGiB: 5, promisedHours: 2 } as const;
/** What the hub keeps itself: little where Thanos keeps the rest, all where there is no Thanos. */
const kept = { withThanos: { time: '2d', size: '4GB' }, alone: { time: '15d', size: '6GB' }, claimGiB: 8 } as const;

const hubRequests = { cpuMillicores: 155, memoryMiB: 624, perNode: { cpuMillicores: 10, memoryMiB: 24 }, storageGiB: kept.claimGiB };

export const kubePrometheusStack = defineComponent({
  id: 'kube-prometheus-stack',
  summary: `Metrics: Prometheus and Alertmanager (NodePort ${alertmanagerNodePort}) on the hub, an agent that only sends on with little memory elsewhere`,
  roles: ['hub', 'agent'],
  // Node exporter looks at the host.
  namespace: { name: namespace, podSecurity: 'privileged' },
  insteadOf: {
    what: 'the Thanos sidecars beside the agents',
    because: 'an agent has no TSDB that a sidecar could serve or upload; it writes to Thanos Receive instead',
  },
  chart: { repository: 'oci://ghcr.io/prometheus-community/charts', name: 'kube-prometheus-stack', version: '88.5.3' },
  requires: [prometheusOperatorCrds, 'storage'],
  reaches: [thanos],
  traffic: { scrapes: true, fromAnywhere: [9093] },
  requests: {
    hub: hubRequests,
    agent: { cpuMillicores: 75, memoryMiB: 304, perNode: { cpuMillicores: 10, memoryMiB: 24 }, storageGiB: log.claimGiB },
    standalone: hubRequests,
  },
  buffers: { agent: [log] },
  timeoutSeconds: 600,
  // How long an agent keeps what the hub did not take (contract C2).
  fixed: { prometheus: { prometheusSpec: { remoteWrite: null, additionalArgs: null, storageSpec: null } } },
  values: (context) => (context.cluster.role === 'agent' ? agentValues(context) : hubValues(context)),
  // Of the operator and what it does not make: which of its workloads there are depends on the role.
  ready: [
    { kind: 'rollout', namespace, resource: 'deployment/kube-prometheus-stack-operator' },
    { kind: 'rollout', namespace, resource: 'deployment/kube-prometheus-stack-kube-state-metrics' },
  ],
  checks: [
    {
      description: 'Prometheus, or its agent, is ready',
      command: [
        'kubectl',
        '-n',
        namespace,
        'wait',
        'pod',
        '-l',
        'app.kubernetes.io/name in (prometheus,prometheus-agent)',
        '--for=condition=Ready',
        '--timeout=5s',
      ],
      hint: 'kubectl -n monitoring describe prometheus,prometheusagent; the operator says why: kubectl -n monitoring logs deployment/kube-prometheus-stack-operator',
    },
    {
      description: 'every node tells its metrics',
      command: [
        'kubectl',
        '-n',
        namespace,
        'rollout',
        'status',
        'daemonset/kube-prometheus-stack-prometheus-node-exporter',
        '--timeout=5s',
      ],
      hint: 'kubectl -n monitoring describe pod -l app.kubernetes.io/name=prometheus-node-exporter',
    },
  ],
});

function agentValues(context: ComponentContext) {
  return {
    prometheus: {
      agentMode: true,
      prometheusSpec: {
        ...sending(context),
        // The only knob of the buffer; Prometheus hides it.
        additionalArgs: [{ name: 'storage.agent.wal-truncate-frequency', value: `${log.truncateHours}h` }],
        resources: { requests: { cpu: '50m', memory: '192Mi' }, limits: { memory: '512Mi' } },
        storageSpec: claim(log.claimGiB),
      },
    },
    alertmanager: { enabled: false },
    thanosRuler: { enabled: false },
  };
}

function hubValues(context: ComponentContext) {
  const hasThanos = context.has(thanos);
  const { time, size } = hasThanos ? kept.withThanos : kept.alone;
  return {
    prometheus: {
      agentMode: false,
      prometheusSpec: {
        ...sending(context),
        retention: time,
        retentionSize: size,
        // With Thanos, rules are judged by the ruler, who sees every cluster; twice would ring twice.
        ruleSelector: hasThanos ? { matchLabels: { 'flotilla.dev/judged-by': 'prometheus' } } : {},
        resources: { requests: { cpu: '100m', memory: '384Mi' }, limits: { memory: '1Gi' } },
        storageSpec: claim(kept.claimGiB),
      },
    },
    alertmanager: {
      enabled: true,
      config: alertRoutes(context),
      service: { type: 'NodePort', nodePort: alertmanagerNodePort },
      alertmanagerSpec: {
        // Others bring routes of their own as AlertmanagerConfig, for alerts of every namespace.
        alertmanagerConfigMatcherStrategy: { type: 'None' },
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
      },
    },
    thanosRuler: hasThanos ? ruler : { enabled: false },
  };
}

/** What a cluster calls itself, and where it sends what it measures. */
function sending(context: ComponentContext) {
  const { name } = context.cluster;
  const reachesThanos = context.cluster.role === 'agent' ? context.hub !== null : context.has(thanos);
  return {
    externalLabels: { cluster: name },
    // Prometheus adds external labels only to samples that it sends. Without this its own query results and rule evaluations have no label cluster.
    scrapeClasses: [{ name: 'cluster', default: true, relabelings: [{ targetLabel: 'cluster', replacement: name }] }],
    remoteWrite: reachesThanos ? [remoteWrite(name)] : [],
  };
}

const remoteWrite = (cluster: string) => ({
  name: 'thanos',
  url: 'http://thanos-receive-fleet.monitoring.svc:10908/api/v1/receive',
  // A tenant each: in a shared one the first cluster that catches up after an outage makes the backlog of all others too old.
  headers: { 'THANOS-TENANT': cluster },
  remoteTimeout: '30s',
  queueConfig: {
    capacity: 10000,
    minShards: 1,
    // The seeds' 50 at once would bury the hub of a laptop when it comes back and every agent catches up.
    maxShards: 10,
    maxSamplesPerSend: 2000,
    // The seeds' 30 s would be as much delay for every alert of a small cluster, which seldom fills a batch.
    batchSendDeadline: '5s',
    minBackoff: '1s',
    // Seldom while the hub is away; without an age limit nothing of the log is given up.
    maxBackoff: '5m',
    retryOnRateLimit: true,
  },
  // All of it: the seed's list of what is sent would leave out what its own alerts about nodes read. What nobody reads is dropped when it is scraped.
});

const ruler = {
  enabled: true,
  thanosRulerSpec: {
    queryEndpoints: ['http://thanos-query.monitoring.svc:9090'],
    ruleSelectorNilUsesHelmValues: false,
    evaluationInterval: '30s',
    alertDropLabels: ['replica'],
    alertmanagersConfig: {
      secret: {
        alertmanagers: [{ api_version: 'v2', scheme: 'http', static_configs: ['alertmanager-operated.monitoring.svc:9093'] }],
      },
    },
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
  },
};

/** Who hears what. Lists replace the chart's; that includes its receiver and its routes. */
function alertRoutes({ has }: ComponentContext) {
  const url = 'http://webhook-logger.monitoring.svc:8080/cgi-bin/log';
  const logs = has(webhookLogger);
  const receiver = logs ? 'log' : 'null';
  return {
    global: { resolve_timeout: '5m' },
    route: {
      receiver,
      group_by: ['cluster', 'alertname', 'namespace'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        // Rings always: who waits for it knows that the chain from the rule to here works.
        { receiver: 'null', matchers: ['alertname = "Watchdog"'] },
        { receiver, matchers: ['severity = "critical"'], group_wait: '10s', repeat_interval: '1h' },
      ],
    },
    receivers: [{ name: 'null' }, ...(logs ? [{ name: 'log', webhook_configs: [{ url, send_resolved: true, max_alerts: 0 }] }] : [])],
    inhibit_rules: [
      // A cluster that is silent is one alert, not one for each thing in it.
      { source_matchers: ['alertname = "ClusterSilent"'], target_matchers: ['alertname != "ClusterSilent"'], equal: ['cluster'] },
      {
        source_matchers: ['alertname = "PVCCriticallyFull"'],
        target_matchers: ['alertname = "PVCNearlyFull"'],
        equal: ['cluster', 'namespace', 'persistentvolumeclaim'],
      },
      {
        source_matchers: ['alertname = "PodCrashLoopBackOff"'],
        target_matchers: ['alertname =~ "PodCrashLooping|PodNotReady|HighPodRestartRate"'],
        equal: ['cluster', 'namespace', 'pod'],
      },
    ],
  };
}

function claim(gibibytes: number) {
  const spec = { storageClassName: 'local-path', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: `${gibibytes}Gi` } } };
  return { volumeClaimTemplate: { spec } };
}
