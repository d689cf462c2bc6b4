import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Json } from '../../support/fleet-fixture';
import { component } from '../../support/observability-clusters';
import { Daemon, describeWithProgram, freePorts, programOf, refusal, until } from './programs';
import { chartIsHere, objectsOf, type Release, releasesOf } from './rendered';

const hubs = releasesOf('loki');
const work = mkdtempSync(join(tmpdir(), 'flotilla-loki-'));
afterAll(() => rmSync(work, { recursive: true }));

/** The chart makes all of it from our values, so without the chart there is nothing to look at. */
const describeHere = chartIsHere('loki', 'not proven what Loki makes of its configuration') ? describeWithProgram('loki') : describe.skip;

async function configOf(release: Release): Promise<Json> {
  const objects = (await objectsOf(release))!;
  return parse(objects.find(({ kind, data }) => kind === 'ConfigMap' && data['config.yaml']).data['config.yaml']);
}

/** What Loki says against the configuration, with the keys of its Secret in its environment; `null` when it would start. */
function judged(config: Json): string | null {
  const file = join(work, 'judged.yaml');
  writeFileSync(file, stringify(config));
  return refusal('loki', [`-config.file=${file}`, '-verify-config', '-config.expand-env=true'], { S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' });
}

describeHere('Loki', () => {
  test.each(hubs.map((release) => [release.where, release] as const))('takes the configuration of %s', async (_, release) => {
    expect(judged(await configOf(release))).toBeNull();
  });

  // Twins.
  test.each<readonly [string, RegExp, (config: Json) => void]>([
    ['a key that nobody knows', /field retention_periods not found/, (config) => (config.limits_config.retention_periods = '1h')],
    ['a wrong type', /cannot unmarshal/, (config) => (config.limits_config.ingestion_rate_mb = 'much')],
    ['a time that is none', /not a valid duration/, (config) => (config.limits_config.retention_period = 'a week')],
    [
      'retention without a store for what is to be deleted',
      /delete.request.store/,
      (config) => delete config.compactor.delete_request_store,
    ],
  ])('refuses %s', async (_, words, spoil) => {
    const config = structuredClone(await configOf(hubs[0]!));
    spoil(config);
    expect(judged(config)).toMatch(words);
  });

  const now = Date.now();
  const hour = 3600 * 1000;
  const hoursWaiting = component('otel-collector').buffers!.agent!.find(({ signal }) => signal === 'logs')!.promisedHours;

  /** What a Loki answers to lines of one pod of these ages, one after the other, and the lines that it then finds. */
  async function told(spoil: (config: Json) => void, ages: Readonly<Record<string, number>>) {
    const config = structuredClone(await configOf(hubs[0]!));
    spoil(config);
    const folder = mkdtempSync(join(work, 'alone-'));
    const [http, grpc, gossip] = (await freePorts(3)) as [number, number, number];
    writeFileSync(join(folder, 'config.yaml'), stringify(alone(config, folder, { http, grpc, gossip })));
    const loki = new Daemon(programOf('loki')!, [`-config.file=${join(folder, 'config.yaml')}`], join(folder, 'log'));
    const address = `http://127.0.0.1:${http}`;
    const push = async (line: string, age: number): Promise<number> => {
      const attributes = [{ key: 'k8s.cluster.name', value: { stringValue: 'app1' } }];
      const logRecords = [{ timeUnixNano: `${now - age}000000`, body: { stringValue: line } }];
      const response = await fetch(`${address}/otlp/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope: {}, logRecords }] }] }),
      });
      return response.status;
    };
    const lines = async (): Promise<readonly string[]> => {
      const query = new URLSearchParams({ query: '{k8s_cluster_name="app1"}', start: `${now - 240 * hour}000000`, limit: '10' });
      const { data } = (await (await fetch(`${address}/loki/api/v1/query_range?${query}`)).json()) as Json;
      return (data.result as Json[]).flatMap(({ values }) => values.map(([, line]: [string, string]) => line)).sort();
    };
    try {
      await loki.start(`${address}/ready`);
      const taken: string[] = [];
      for (const [line, age] of Object.entries(ages)) if ((await push(line, age)) < 300) taken.push(line);
      await until(async () => (await lines()).length >= taken.length, 'what it took is found');
      return { taken: taken.sort(), found: await lines() };
    } finally {
      await loki.kill();
    }
  }

  test('takes lines by cluster: what waited for days, if in order, and out of order what waited as long as is promised', async () => {
    const ages = { old: 160 * hour, now: 0, late: hoursWaiting * hour, ancient: 200 * hour };
    const outcome = await told(() => {}, ages);
    expect(outcome).toEqual({ taken: ['late', 'now', 'old'], found: ['late', 'now', 'old'] });
  });

  test('sabotage: with the age that is the default, what waited for an hour is refused', async () => {
    const outcome = await told((config) => delete config.ingester.max_chunk_age, { now: 0, soon: hour / 2, late: hoursWaiting * hour });
    expect(outcome.taken).toEqual(['now', 'soon']);
  });
});

/** The same with files in the place of the object store, and with nobody else in the ring. */
function alone(config: Json, folder: string, ports: Readonly<Record<'http' | 'grpc' | 'gossip', number>>): Json {
  const moved = JSON.parse(JSON.stringify(config).replaceAll('/var/loki', join(folder, 'loki')));
  moved.common.storage = { filesystem: { chunks_directory: join(folder, 'chunks'), rules_directory: join(folder, 'rules') } };
  moved.common.ring = { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' };
  moved.common.compactor_grpc_address = `127.0.0.1:${ports.grpc}`;
  for (const part of moved.schema_config.configs) part.object_store = 'filesystem';
  moved.compactor.delete_request_store = 'filesystem';
  moved.ruler.storage = { type: 'local', local: { directory: join(folder, 'rules') } };
  moved.memberlist = {
    ...moved.memberlist,
    join_members: [],
    bind_addr: ['127.0.0.1'],
    bind_port: ports.gossip,
    advertise_port: ports.gossip,
  };
  delete moved.runtime_config;
  Object.assign(moved.server, { http_listen_port: ports.http, grpc_listen_port: ports.grpc, http_listen_address: '127.0.0.1' });
  return moved;
}
