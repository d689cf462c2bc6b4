import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Json } from '../../support/fleet-fixture';
import { below } from './collector-config';
import { Hub } from './hub';
import { Daemon, freePorts, pause, programOf, until } from './programs';

/** What came of a drill; names of lines and spans. */
export interface Outcome {
  readonly lost: readonly string[];
  /** Taken again although the hub had said that it has them, before it went away. */
  readonly repeated: readonly string[];
  /** How often the most repeated one was taken. */
  readonly most: number;
}

const numbered = (kind: 'line' | 'span', from: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${String(from + index).padStart(5, '0')}`);

/**
 * An agent's collector as a process: the hub goes away, the collector is killed four times while it reads, and the hub comes back.
 * @param config as rendered for an agent. Changed in it: folders, addresses, how often it looks, and no k8s_attributes, which asks an API server.
 * @param args beside the file
 */
export async function drill(config: Json, args: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-drill-'));
  const [logs, traces, otlpGrpc, otlpHttp, health, metrics] = await freePorts(6);
  const hub = new Hub(logs!, traces!);
  const spoken = redirected(config, folder, {
    logs: logs!,
    traces: traces!,
    otlpGrpc: otlpGrpc!,
    otlpHttp: otlpHttp!,
    health: health!,
    metrics: metrics!,
  });
  writeFileSync(join(folder, 'config.yaml'), stringify(spoken));
  mkdirSync(join(folder, 'otelcol'));
  const collector = new Daemon(programOf('otel-collector')!, [`--config=${join(folder, 'config.yaml')}`, ...args], join(folder, 'log'));
  const ready = `http://127.0.0.1:${health}/`;
  const written: string[] = [];

  /** As containerd writes what a pod says. */
  const write = (pod: string, names: readonly string[]): void => {
    const at = join(folder, 'pods', `demo_${pod}_0b2c1f1e-6d2b-4f8e-9a57-1d2c3b4a5f60`, 'app');
    mkdirSync(at, { recursive: true });
    appendFileSync(
      join(at, '0.log'),
      names.map((name) => `${new Date().toISOString().replace('Z', '000000Z')} stdout F ${name}\n`).join(''),
    );
    written.push(...names);
  };
  const trace = async (names: readonly string[]): Promise<void> => {
    const times = { startTimeUnixNano: '1', endTimeUnixNano: '2' };
    const spans = names.map((name) => ({
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      name,
      kind: 1,
      ...times,
    }));
    const response = await fetch(`http://127.0.0.1:${otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans }] }] }),
    });
    if (!response.ok) throw new Error(`the collector does not take spans: ${await response.text()}`);
    written.push(...names);
  };
  const missing = (): readonly string[] => written.filter((name) => !hub.seen.has(name));

  try {
    await hub.come();
    await collector.start(ready);
    // At its very first look it skips what is there: whatever comes after that look counts.
    await until(() => {
      write('early', ['line-99999']);
      return hub.seen.has('line-99999');
    }, 'the first line arrives');
    written.length = 0;
    hub.seen.clear();
    write('old', numbered('line', 0, 200));
    await trace(numbered('span', 0, 20));
    await until(
      () => missing().length === 0,
      'what was written with the hub there arrives',
      () => `${missing().length} missing`,
    );
    const acknowledged = new Set(written);

    await hub.go();
    write('old', numbered('line', 1000, 500));
    await trace(numbered('span', 1000, 50));
    await pause(3000);
    // Killed while it reads a file that grows all the time, so that there is always something on its way from the file to the disk.
    let grows = true;
    const growing = (async () => {
      for (let from = 20_000; grows; from += 5) {
        write('old', numbered('line', from, 5));
        await pause(10);
      }
    })();
    for (let kills = 1; ; kills++) {
      await pause(700);
      await collector.kill();
      if (kills === 4) break;
      await collector.start(ready);
    }
    grows = false;
    await growing;
    // While nobody reads, a pod goes on and another one is born.
    write('old', numbered('line', 3000, 100));
    write('new', numbered('line', 4000, 100));

    await collector.start(ready);
    write('new', numbered('line', 5000, 100));
    await pause(2000);
    await hub.come();
    let left = missing().length;
    let since = Date.now();
    // Over when all is there, or nothing more came for longer than the longest pause between two tries after such an outage.
    while (left > 0 && Date.now() - since < 40_000) {
      await pause(200);
      if (missing().length !== left) since = Date.now();
      left = missing().length;
    }
    // What comes twice comes soon after.
    await pause(3000);
    return {
      lost: missing(),
      repeated: [...acknowledged].filter((name) => (hub.seen.get(name) ?? 0) > 1),
      most: Math.max(...written.map((name) => hub.seen.get(name) ?? 0)),
    };
  } finally {
    await collector.kill();
    await hub.go();
    rmSync(folder, { recursive: true });
  }
}

type Ports = Readonly<Record<'logs' | 'traces' | 'otlpGrpc' | 'otlpHttp' | 'health' | 'metrics', number>>;

function redirected(config: Json, folder: string, ports: Ports): Json {
  const moved = below(folder, config);
  const at = (port: number): string => `127.0.0.1:${port}`;
  moved.exporters['otlp_http/loki'].endpoint = `http://${at(ports.logs)}/otlp`;
  moved.exporters['otlp_grpc/tempo'].endpoint = at(ports.traces);
  moved.receivers.otlp.protocols = { grpc: { endpoint: at(ports.otlpGrpc) }, http: { endpoint: at(ports.otlpHttp) } };
  moved.extensions.health_check.endpoint = at(ports.health);
  moved.service.telemetry = {
    metrics: { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: ports.metrics } } } }] },
  };
  // It looks more often than by default (200 ms), so that no kill hits a pause.
  moved.receivers.file_log.poll_interval = '10ms';
  delete moved.processors.k8s_attributes;
  for (const pipeline of Object.values<Json>(moved.service.pipelines))
    pipeline.processors = pipeline.processors.filter((name: string) => name !== 'k8s_attributes');
  return moved;
}
