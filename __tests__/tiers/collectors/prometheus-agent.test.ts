import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Json } from '../../support/fleet-fixture';
import { Daemon, describeWithProgram, freePorts, pause, programOf, until } from './programs';
import { releasesOf } from './rendered';

const agents = releasesOf('kube-prometheus-stack').filter(({ cluster }) => cluster.role === 'agent');
const specOf = ({ component }: (typeof agents)[number]): Json => (component.values as Json).prometheus.prometheusSpec;

/** As the operator writes it into Prometheus' file; it is not built here, so names are translated as its documentation says. */
function inFile(value: Json): Json {
  if (Array.isArray(value)) return value.map(inFile);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [fileKey(key), key === 'headers' ? part : inFile(part)]));
}
const fileKey = (key: string): string =>
  key === 'retryOnRateLimit' ? 'retry_on_http_429' : key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Outcome {
  /** Of the values that the agent measured, those that the hub never had. */
  readonly lost: number;
  readonly measured: number;
}

/**
 * An agent that measures every second and sends to a hub, which is a Prometheus too and goes away for half a minute.
 * @param restarts whether the agent is killed while the hub is away
 */
async function drill(spec: Json, { restarts = false } = {}): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-agent-'));
  const [hubPort, agentPort, targetPort] = (await freePorts(3)) as [number, number, number];
  let measured = 0;
  const target: Server = createServer((_, response) => {
    measured++;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(`drill ${measured}\n`);
  }).listen(targetPort, '127.0.0.1');
  const daemon = (name: string, port: number, config: Json, args: readonly string[]): Daemon => {
    writeFileSync(join(folder, `${name}.yaml`), stringify(config));
    const words = [`--config.file=${join(folder, `${name}.yaml`)}`, `--web.listen-address=127.0.0.1:${port}`, ...args];
    return new Daemon(programOf('prometheus')!, words, join(folder, `${name}.log`));
  };
  const hub = daemon('hub', hubPort, {}, [`--storage.tsdb.path=${join(folder, 'hub')}`, '--web.enable-remote-write-receiver']);
  const [to] = inFile(spec.remoteWrite);
  const agent = daemon(
    'agent',
    agentPort,
    {
      global: { external_labels: spec.externalLabels, scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'drill', static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }] }],
      remote_write: [{ ...to, url: `http://127.0.0.1:${hubPort}/api/v1/write` }],
    },
    [
      '--agent',
      `--storage.agent.path=${join(folder, 'agent')}`,
      ...spec.additionalArgs.map(({ name, value }: Json) => `--${name}=${value}`),
    ],
  );
  const ready = (port: number): string => `http://127.0.0.1:${port}/-/ready`;
  const had = async (): Promise<Set<string>> => {
    const query = `http://127.0.0.1:${hubPort}/api/v1/query?query=${encodeURIComponent(`drill{cluster="${spec.externalLabels.cluster}"}[1h]`)}`;
    const answer = (await (await fetch(query)).json()) as Json;
    return new Set((answer.data.result as Json[]).flatMap(({ values }) => values.map(([, value]: [number, string]) => value)));
  };
  const lost = async (): Promise<number> => {
    const there = await had();
    return Array.from({ length: measured }, (_, index) => String(index + 1)).filter((value) => !there.has(value)).length;
  };
  try {
    await hub.start(ready(hubPort));
    await agent.start(ready(agentPort));
    await until(async () => (await had()).size >= 5, 'what the agent measures arrives');
    await hub.kill();
    await pause(15_000);
    if (restarts) {
      await agent.kill();
      await agent.start(ready(agentPort));
    }
    await pause(15_000);
    await hub.start(ready(hubPort));
    // Between two tries it waits twice as long each time, half a minute by now.
    await until(async () => (await had()).has(String(measured)), 'the newest arrives').catch(() => {});
    target.close();
    await pause(8000);
    return { lost: await lost(), measured };
  } finally {
    await agent.kill();
    await hub.kill();
    target.close();
    rmSync(folder, { recursive: true });
  }
}

describeWithProgram('prometheus')("Prometheus' agent", () => {
  test('keeps what the hub does not take, and sends it when the hub is back', async () => {
    const { lost, measured } = await drill(specOf(agents[0]!));
    expect(measured).toBeGreaterThan(30);
    expect(lost).toBe(0);
  });

  // Contract C2 says so, and the alert ClusterSilent warns of it: should it ever be otherwise, both can promise more.
  test('loses what it kept when it is restarted meanwhile', async () => {
    const { lost } = await drill(specOf(agents[0]!), { restarts: true });
    expect(lost).toBeGreaterThan(5);
  });

  // Twins.
  test('sabotage: with an age limit, it gives up what is older', async () => {
    const spec = structuredClone(specOf(agents[0]!));
    spec.remoteWrite[0].queueConfig.sampleAgeLimit = '5s';
    expect((await drill(spec)).lost).toBeGreaterThan(5);
  });

  test.each<readonly [string, RegExp, (spec: Json) => void]>([
    ['a key that nobody knows', /max_shard not found/, (spec) => (spec.remoteWrite[0].queueConfig.maxShard = 3)],
    ['a wrong type', /cannot unmarshal/, (spec) => (spec.remoteWrite[0].queueConfig.capacity = 'much')],
    ['a flag that there is not', /unknown long flag/, (spec) => (spec.additionalArgs[0].name = 'storage.agent.wal-truncate')],
    ['a time that is none', /unknown unit/, (spec) => (spec.remoteWrite[0].remoteTimeout = '30 seconds')],
  ])('refuses %s', async (_, words, spoil) => {
    const spec = structuredClone(specOf(agents[0]!));
    spoil(spec);
    await expect(drill(spec)).rejects.toThrow(words);
  });
});

test('every agent of the fleets sends in the same way, each under its own name', () => {
  const [first, ...others] = agents.map((release) => JSON.stringify(specOf(release)).replaceAll(`"${release.cluster.name}"`, '"this"'));
  expect(agents.length).toBeGreaterThan(1);
  for (const other of others) expect(other).toBe(first);
});
