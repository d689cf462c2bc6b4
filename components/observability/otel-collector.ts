import { type ComponentContext, defineComponent } from '../define';
import { loki } from './loki';
import { tempo } from './tempo';

const namespace = 'monitoring';
const gibibyte = 2 ** 30;
/** Where a node's queues end; the hours that they mean at a cluster's size are computed in model/buffers.ts. */
const queues = {
  logs: { signal: 'logs', bytesPerNode: gibibyte / 2, promisedHours: 6 },
  traces: { signal: 'traces', bytesPerNode: gibibyte / 2, promisedHours: 2 },
} as const;

const perNode = { cpuMillicores: 25, memoryMiB: 96 };
const requests = { cpuMillicores: 0, memoryMiB: 0, perNode };

export const otelCollector = defineComponent({
  id: 'otel-collector',
  summary: 'On every node: takes traces (ports 4317 and 4318) and reads the logs of pods, and keeps both on disk until the hub has them',
  roles: ['hub', 'agent'],
  // Reads /var/log/pods of its node and keeps its queues there.
  namespace: { name: namespace, podSecurity: 'privileged' },
  insteadOf: {
    what: 'Promtail (seed 003) and Alloy (seed 002)',
    because:
      'Promtail ended in March 2026, and one program for logs and traces is enough in every fleet; this one reads logs too, and its queue on disk survives restarts, which no other log agent here has',
  },
  chart: {
    repository: 'https://open-telemetry.github.io/opentelemetry-helm-charts',
    name: 'opentelemetry-collector',
    version: '0.170.0',
  },
  requires: ['cni'],
  reaches: [loki, tempo],
  // Any pod may send its traces.
  traffic: { fromAnywhere: [4317, 4318] },
  requests: { hub: requests, agent: requests, standalone: requests },
  buffers: { agent: [queues.logs, queues.traces] },
  // How much it keeps that the hub did not take (contract C2).
  fixed: { config: { exporters: null, extensions: null }, command: { extraArgs: null } },
  values: (context) => ({ config: collect(context) }),
  checks: [
    {
      description: 'every node has its collector',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'daemonset/otel-collector-agent', '--timeout=5s'],
      hint: 'kubectl -n monitoring logs daemonset/otel-collector-agent; what cannot be sent waits in /var/lib/otelcol of the node',
    },
  ],
});

/** An agent's hub has both; a hub sends where it has something to send to. */
function collect({ cluster, has }: ComponentContext) {
  const sends = { logs: cluster.role === 'agent' || has(loki), traces: cluster.role === 'agent' || has(tempo) };
  const processors = ['memory_limiter', 'k8s_attributes', 'resource/cluster'];
  return {
    processors: {
      // Batches are made behind the queue: what waits in a batch before it is lost with the pod.
      batch: null,
      'resource/cluster': { attributes: [{ key: 'k8s.cluster.name', value: cluster.name, action: 'upsert' }] },
    },
    exporters: {
      debug: null,
      ...(sends.logs
        ? { 'otlp_http/loki': { endpoint: 'http://loki-fleet.monitoring.svc:3100/otlp', ...patience(queues.logs.bytesPerNode, true) } }
        : {}),
      ...(sends.traces
        ? {
            'otlp_grpc/tempo': {
              endpoint: 'tempo-fleet.monitoring.svc:4317',
              tls: { insecure: true },
              ...patience(queues.traces.bytesPerNode, false),
            },
          }
        : {}),
    },
    service: {
      pipelines: {
        logs: sends.logs ? { receivers: ['otlp', 'file_log'], processors, exporters: ['otlp_http/loki'] } : null,
        traces: sends.traces ? { receivers: ['otlp'], processors, exporters: ['otlp_grpc/tempo'] } : null,
      },
    },
  };
}

/** @param waits whether who writes into a full queue waits and order counts: so it is with log files; a program that sends its traces should not wait */
const patience = (bytes: number, waits: boolean) => ({
  retry_on_failure: { enabled: true, initial_interval: '5s', max_interval: '60s', max_elapsed_time: '0s' },
  sending_queue: {
    enabled: true,
    storage: 'file_storage/queue',
    sizer: 'bytes',
    queue_size: bytes,
    // Loki refuses lines that are hours older than what it has of the same pod: one after the other, or a batch that is tried again comes too late.
    num_consumers: waits ? 1 : 2,
    block_on_overflow: waits,
    batch: { sizer: 'items', flush_timeout: '2s', min_size: 2000, max_size: 4000 },
  },
});
