import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { loaderOf } from '../../runner/cluster/load';
import { describeDeployment } from '../../runner/deployment/deployment';
import { irreplaceable, replacements } from '../../runner/machines/machines';
import { shellCommand } from '../../runner/shell-command';
import { Sandbox } from '../support/sandbox';

// Where a provider brings whole clusters, nodes are containers.
const node = (name: string, role: 'control-plane' | 'worker') => ({
  name,
  role,
  machine: name,
  address: '172.18.0.2',
  cpus: 1,
  memoryMiB: 1,
  diskGiB: 1,
});
const nodes = [node('kind-control-plane', 'control-plane'), node('kind-worker', 'worker')];
const fleet = (id: string, brings: 'machines' | 'clusters') =>
  ({
    provider: { id, brings, addresses: 'assigned', scripts: `host/${id}` },
    clusters: [{ name: 'kind', nodes }],
  }) as unknown as ResolvedFleet;
const kind = fleet('kind', 'clusters');
const all = new Set(nodes.map(({ name }) => name));

describe('a kind cluster', () => {
  it('is made again when nothing of it is left, by its one step', () => {
    expect(replacements(nodes, 'kind', all)).toContain('null_resource.cluster-kind');
    expect(irreplaceable(kind, all).size).toBe(0);
  });

  it('of which a node is gone is not touched: the way to a new one is said', () => {
    const gone = new Set(['kind-worker']);
    expect(replacements(nodes, 'kind', gone)).not.toContain('null_resource.cluster-kind');
    expect([...irreplaceable(kind, gone)]).toEqual([
      ['kind-worker', expect.stringMatching(/cannot add one to cluster kind.*npx flotilla destroy/)],
    ]);
    expect(irreplaceable(fleet('nspawn', 'machines'), gone).size).toBe(0);
  });
});

describe('a way into a node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-way-'));
  beforeAll(() => {
    mkdirSync(join(folder, 'nodes'));
    writeFileSync(join(folder, 'nodes', 'kind-worker.json'), JSON.stringify({ node: 'kind-worker', address: '172.18.0.2' }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const into = (model: ResolvedFleet, command: string[], isTerminal = false, node = nodes[1]!) =>
    shellCommand(describeDeployment(model, folder, null, null), node, command, isTerminal).join(' ');

  it('is docker where it is a container of kind, ssh where it is a machine', () => {
    expect(into(kind, [], true)).toBe('docker exec --interactive --tty kind-worker bash');
    expect(into(kind, ['crictl', 'ps'])).toBe('docker exec --interactive kind-worker bash -c crictl ps');
    expect(into(fleet('nspawn', 'machines'), ['uptime'])).toMatch(/^ssh .*root@172.18.0.2 uptime$/);
    expect(() => into(fleet('mine', 'clusters'), [])).toThrow(/only its provider "mine" knows/);
  });

  it('does not exist before the machine does; to a machine that is off the attempt ends after seconds', () => {
    expect(() => into(fleet('nspawn', 'machines'), [], false, nodes[0]!)).toThrow(/kind-control-plane has no machine yet.*flotilla up/);
    expect(into(fleet('nspawn', 'machines'), [])).toContain('-o ConnectTimeout=10');
  });

  it('is found for images too, or refused', () => {
    const of = ({ provider }: ResolvedFleet) => loaderOf(provider);
    expect([of(kind), of(fleet('nspawn', 'machines'))]).toEqual(['host/kind/load-image.sh', 'host/load-image.sh']);
    expect(() => of(fleet('mine', 'clusters'))).toThrow(/"mine" are no machines of ours.*its own tools/);
  });

  it('brings images into a container: asked by our script inside, then imported from standard input', () => {
    const images = [{ name: 'docker.io/library/app:1', digest: 'sha256:aa' }];
    const sandbox = new Sandbox();
    sandbox.write('app.tar', 'the archive');
    sandbox.stub(
      'docker',
      `if [[ "$*" == *'images import -'* ]]; then cat >imported; exit 0; fi
       sed -n 1p >>asked
       cat >/dev/null
       if [[ -e imported ]]; then echo '[]'; else echo '${JSON.stringify(images)}'; fi`,
    );
    const input = { deployment: '.flotilla/lab@nspawn', node: 'kind-worker', archive: 'app.tar', images };
    expect(sandbox.script('host/kind/load-image.sh', input)).toMatchObject({
      code: 0,
      stdout: '{"node":"kind-worker","loaded":["docker.io/library/app:1"]}\n',
    });
    expect(sandbox.lines([], 'cat imported asked').stdout).toContain('the archiveguest/load-image.sh kind-worker\n');
    expect(sandbox.calls()[0]).toContain('docker exec --interactive kind-worker bash -c');
    sandbox.remove();
  });
});
