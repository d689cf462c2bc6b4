import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOutputs } from '../../runner/cluster/outputs';
import { describeDeployment, runName } from '../../runner/deployment/deployment';
import { holderOf } from '../../runner/lock';
import { asJson, loggedRuns, readable, summarize, Tail } from '../../runner/progress/log-files';
import { load, resolveFresh } from '../support/fleet-fixture';

const work = mkdtempSync(join(tmpdir(), 'flotilla-outputs-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('outputs', () => {
  const folder = join(work, 'deployment');
  const canary = 'bm90IGZvciBhbnlib2R5';
  const model = resolveFresh(load('lab'));
  const deployment = describeDeployment(model, folder, join(work, 'bin'), null);
  const services = [
    { metadata: { name: 'demo', namespace: 'demo' }, spec: { type: 'NodePort', ports: [{ nodePort: 30080 }, {}] } },
    { metadata: { name: 'ledger', namespace: 'demo' }, spec: { type: 'ClusterIP' } },
  ];

  beforeAll(() => {
    for (const part of ['kubeconfig', 'nodes', 'secrets/ssh']) mkdirSync(join(folder, part), { recursive: true });
    mkdirSync(join(work, 'bin'));
    // The hub answers, the edge does not.
    writeFileSync(
      join(work, 'bin', 'kubectl'),
      `#!/bin/sh\ncase "$*" in *kubeconfig/hub*services*) echo '${JSON.stringify({ items: services })}' ;; *) exit 1 ;; esac\n`,
    );
    chmodSync(join(work, 'bin', 'kubectl'), 0o755);
    writeFileSync(join(folder, 'secrets/ssh/id_ed25519'), canary);
  });

  test('nothing before the first cluster', async () => expect(await readOutputs(deployment)).toBeNull());

  test('endpoints, addresses, paths and commands, and a cluster that does not answer is called so', async () => {
    for (const { name, api } of model.clusters)
      writeFileSync(
        join(folder, 'kubeconfig', name),
        `clusters:\n- cluster:\n    server: https://10.9.9.9:${api.port}\nusers:\n- user:\n    client-key-data: ${canary}\n`,
      );
    const found = (await readOutputs(deployment))!;
    expect(found).toMatchObject({ deployment: 'lab@nspawn', kubeconfig: join(folder, 'kubeconfig/merged') });
    const address = model.clusters[0]!.nodes[0]!.address;
    expect(found.clusters[0]).toMatchObject({
      name: 'hub',
      api: { url: 'https://10.9.9.9:6443', answers: true },
      kubeconfig: join(folder, 'kubeconfig/hub'),
      endpoints: [{ service: 'demo/demo', url: `http://${address}:30080` }],
    });
    expect(found.clusters[0]!.nodes[0]).toMatchObject({ name: 'hub-cp-1', address });
    expect(found.clusters[0]!.nodes[0]!.ssh!.at(-1)).toBe(`root@${address}`);
    expect(found.clusters[1]).toMatchObject({ name: 'edge', api: { answers: false }, endpoints: [] });
    expect(leaks(found)).toEqual([]);
  });

  /** Secrets of the deployment that a text holds. */
  const leaks = (said: unknown): readonly string[] => (JSON.stringify(said).includes(canary) ? ['the canary'] : []);

  test('one that held the kubeconfig itself in place of its path would be found out', async () => {
    const found = (await readOutputs(deployment))!;
    const sabotaged = found.clusters.map((cluster) => ({ ...cluster, kubeconfig: readFileSync(cluster.kubeconfig, 'utf8') }));
    expect(leaks(sabotaged)).not.toEqual([]);
  });
});

describe('outputs of kind', () => {
  const folder = join(work, 'kind');
  const model = resolveFresh(load('kind'));
  const deployment = describeDeployment(model, folder, join(work, 'bin-kind'), null);
  const service = (namespace: string, name: string, ...nodePorts: number[]) => {
    return { metadata: { namespace, name }, spec: { type: 'NodePort', ports: nodePorts.map((nodePort) => ({ nodePort })) } };
  };
  const services = [service('monitoring', 'grafana', 30300), service('argocd', 'argo-cd-argocd-server', 30800, 30843)];
  const made = (hostPorts: unknown) =>
    writeFileSync(
      join(folder, 'nodes/kind-control-plane.json'),
      JSON.stringify({ node: 'kind-control-plane', address: '172.18.0.2', hostPorts }),
    );

  beforeAll(() => {
    for (const part of ['kubeconfig', 'nodes']) mkdirSync(join(folder, part), { recursive: true });
    mkdirSync(join(work, 'bin-kind'));
    writeFileSync(join(work, 'bin-kind', 'kubectl'), `#!/bin/sh\necho '${JSON.stringify({ items: services })}'\n`);
    chmodSync(join(work, 'bin-kind', 'kubectl'), 0o755);
    writeFileSync(join(folder, 'kubeconfig', 'kind'), 'clusters:\n- cluster:\n    server: https://127.0.0.1:40001\n');
  });

  test('are the ports of this host that lead to the cluster, by the name of the service behind each', async () => {
    made(model.clusters[0]!.hostPorts);
    const [cluster] = (await readOutputs(deployment))!.clusters;
    expect(cluster!.endpoints).toContainEqual({ service: 'monitoring/grafana', url: 'http://127.0.0.1:30300' });
    expect(cluster!.endpoints).toContainEqual({ service: 'argocd/argo-cd-argocd-server', url: 'http://127.0.0.1:30800' });
    expect(cluster!.endpoints).toContainEqual({ service: 'host port', url: 'https://127.0.0.1' });
    expect(cluster!.unpublishedPorts).toEqual([]);
  });

  test('name no port that the cluster was made without', async () => {
    made([
      { host: 80, node: 31080 },
      { host: 443, node: 31443 },
    ]);
    const [cluster] = (await readOutputs(deployment))!.clusters;
    expect(cluster!.endpoints.map(({ url }) => url)).toEqual(['http://127.0.0.1', 'https://127.0.0.1']);
    expect(cluster!.unpublishedPorts).toEqual([30300, 30201, 30800, 30903]);
  });
});

describe('logs', () => {
  const logs = join(work, 'logs');
  const event = (message: string, more: object = {}) =>
    JSON.stringify({ '@timestamp': '2026-11-21T13:00:00.000Z', '@message': message, type: 'log', ...more });
  const write = (run: string, stack: string, lines: readonly string[]): string => {
    mkdirSync(join(logs, run), { recursive: true });
    const file = join(logs, run, `${stack}.log`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  };

  test('runs in the order of time, whatever else lies beside them', () => {
    expect(loggedRuns(join(work, 'nowhere'))).toEqual([]);
    write('2026-11-21T13-00-00-000Z', 'hub', []);
    write('2026-11-20T13-00-00-000Z', 'hub', []);
    write('2026-11-21T13-00-00-000Z', 'edge', []);
    mkdirSync(join(logs, '2026-11-22T00-00-00-000Z'));
    writeFileSync(join(logs, 'registry.yml'), '');
    expect(loggedRuns(logs).map(({ name, stacks }) => [name, ...stacks])).toEqual([
      ['2026-11-20T13-00-00-000Z', 'hub'],
      ['2026-11-21T13-00-00-000Z', 'edge', 'hub'],
    ]);
    expect(runName(new Date(0))).toBe('1970-01-01T00-00-00-000Z');
  });

  test('what a run did, and its errors', () => {
    const summary = (operation: string) => event('done', { type: 'change_summary', changes: { operation } });
    const error = event('Error: no disk', {
      type: 'diagnostic',
      diagnostic: { severity: 'error', summary: 'no disk', detail: 'none\nat all' },
    });
    const file = write('2026-11-23T00-00-00-000Z', 'hub', [
      'Initializing the backend...',
      summary('plan'),
      summary('apply'),
      error,
      '{"half',
    ]);
    expect(summarize(file)).toEqual({ did: 'apply', errors: 1 });
    expect(readable(error)).toMatch(/^\d\d:\d\d:\d\d {2}Error: no disk\n {10}none\n {10}at all$/);
    for (const plain of ['Initializing the backend...', '{"half', '{"no": "event"}']) expect(readable(plain)).toBe(plain);
  });

  test('with --json every line is an object with its stack, also where Terraform printed plain text', () => {
    expect(JSON.parse(asJson(event('done', { hook: { action: 'create' } }), 'hub'))).toMatchObject({
      stack: 'hub',
      '@message': 'done',
      hook: { action: 'create' },
    });
    for (const plain of ['Initializing the backend...', '{"half', '{"no": "event"}', ''])
      expect(JSON.parse(asJson(plain, 'edge'))).toEqual({ stack: 'edge', '@message': plain });
  });

  test('a file that grows is read once, line by line, however it is cut', () => {
    const file = join(work, 'growing.log');
    const tail = new Tail(file);
    expect(tail.read()).toEqual([]);
    writeFileSync(file, 'one\ntw');
    expect(tail.read()).toEqual(['one']);
    const rest = Buffer.from('o\nschön\nlast');
    const middleOfTheUmlaut = rest.indexOf(0xb6);
    appendFileSync(file, rest.subarray(0, middleOfTheUmlaut));
    expect(tail.read()).toEqual(['two']);
    appendFileSync(file, rest.subarray(middleOfTheUmlaut));
    expect(tail.read()).toEqual(['schön']);
    expect(tail.end()).toEqual(['last']);
  });

  test('following ends with the run: who is at work is read from the lock file, which stays', () => {
    const lock = join(work, 'lock');
    expect(holderOf(lock)).toBeNull();
    writeFileSync(lock, JSON.stringify({ pid: process.pid, verb: 'up' }));
    expect(holderOf(lock)).toEqual({ pid: process.pid, verb: 'up' });
    writeFileSync(lock, JSON.stringify({ pid: 2 ** 30, verb: 'up' }));
    expect(holderOf(lock)).toBeNull();
    expect(readFileSync(lock, 'utf8')).toContain('"verb":"up"');
  });
});
