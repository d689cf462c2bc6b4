import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseFleet } from '../../config/load';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { fleetTable } from '../../model/table';
import { problemsOf } from '../../model/validate';
import { load, resolveFresh, root } from '../support/fleet-fixture';

const shipped = parse(readFileSync(join(root, 'fleets/overlays/nspawn.yaml'), 'utf8'));
const installed = ({ clusters }: ResolvedFleet) => clusters.map(({ components }) => components.map(({ id }) => id).sort());

describe.each(['tart', 'trio', 'kind'])('the overlay nspawn on %s', (name) => {
  const [base, laid] = [resolveFresh(load(name)), resolveFresh(load(name, 'nspawn'))];

  test('installs the same components except those on its printed lists', () => {
    const { leaveOut, bringIn } = shipped;
    const expected = installed(base).map((ids) => [...new Set([...ids, ...Object.keys(bringIn)])].filter((id) => !(id in leaveOut)).sort());
    expect(installed(laid)).toEqual(expected);
    for (const id of installed(laid).flat())
      if (!installed(base).flat().includes(id)) expect(laid.notes.join('\n')).toContain(`brings in ${id}`);
  });

  test('changes provider and sizes, and nothing else about clusters and nodes', () => {
    const kept = ({ clusters }: typeof base) =>
      clusters.map(({ name: cluster, id, role, podCidr, serviceCidr, nodes }) => [
        cluster,
        id,
        role,
        podCidr,
        serviceCidr,
        nodes.map((node) => [node.name, node.role]),
      ]);
    expect(kept(laid)).toEqual(kept(base));
    expect(laid.deployment).toBe(`${name}+nspawn@nspawn`);
    expect(laid.provider).toMatchObject({ id: 'nspawn', network: 'bridge', image: null });
    expect(laid.network.registry.port).toBe(5000);
    for (const { role, memoryMiB } of laid.clusters.flatMap(({ nodes }) => nodes)) expect(memoryMiB).toBe(shipped.nodes[role].memoryMiB);
    // What the host has, less what it needs itself.
    expect(laid.budget.nodesMemoryMiB).toBeLessThan(20480);
  });
});

const fleet = (extra = '') =>
  [
    'provider: kind',
    'registry: { port: 5002 }',
    'budget: { memoryMiB: 8192 }',
    'clusters:',
    '  - name: one',
    '    id: 1',
    '    role: standalone',
    '    hostPorts: [80]',
    '    components: { add: [demo], values: { demo: {} } }',
    '    nodes:',
    '      - { name: one-control-plane, role: control-plane, memoryMiB: 4096 }',
    `      - { name: one-worker, role: worker, memoryMiB: 2048 }${extra}`,
    '',
  ].join('\n');
const laid = (...lines: string[]) =>
  parseFleet({ file: 'f.yaml', text: fleet(), overlay: { name: 'over', text: `${lines.join('\n')}\n` } });

describe('an overlay', () => {
  test('leaves components out and brings others in, says so with its reasons, and drops what it names', () => {
    const over = laid(
      'provider: nspawn',
      'drop: [hostPorts, registry, image]',
      'leaveOut: { demo: nothing to see here, metrics-server: too small for it }',
      'bringIn: { bridge-cni: no network else, local-path: it is there anyway }',
    );
    const resolved = resolveFresh(over);
    expect(resolved.clusters[0]!.components.map(({ id }) => id)).toEqual(['bridge-cni', 'local-path']);
    expect(resolved.clusters[0]!.hostPorts).toEqual([]);
    expect(resolved.network.registry.port).toBe(5000);
    expect(resolved.notes).toEqual([
      'overlay over leaves out demo (one): nothing to see here',
      'overlay over leaves out metrics-server (one): too small for it',
      'overlay over brings in bridge-cni (one): no network else',
      'overlay over drops hostPorts (one)',
      'overlay over drops registry',
    ]);
    for (const note of resolved.notes) expect(fleetTable(resolved)).toContain(`note: ${note}\n`);
  });

  test('refuses to leave out what something that stays needs', () => {
    const [problem] = problemsOf({ fleet: laid('leaveOut: { local-path: not here }') });
    expect(problem).toMatchObject({ id: 'removed-needed', value: 'local-path', rule: 'is needed by demo' });
  });

  test('sizes by role reach every node, and what is said of one node by name goes before', () => {
    const { spec } = laid(
      'nodes: { control-plane: { cpus: 4, memoryMiB: 3000 }, worker: { memoryMiB: 1000 } }',
      'clusters: [{ name: one, nodes: [{ name: one-worker, memoryMiB: 1500 }] }]',
    );
    expect(spec!.clusters[0]!.nodes.map(({ name, cpus, memoryMiB }) => [name, cpus, memoryMiB])).toEqual([
      ['one-control-plane', 4, 3000],
      ['one-worker', 2, 1500],
    ]);
  });

  test('its faults are told with its name and its own lines, beside those of the fleet', () => {
    const over = parseFleet({
      file: 'f.yaml',
      text: fleet('\n      - { name: one-odd, role: boss, memoryMiB: 2048 }'),
      overlay: {
        name: 'over',
        text: 'provider: kind\nnodes:\n  workers: { memoryMiB: 1000 }\n  worker: { memoryMiB: none }\ndrop: [adress]\n',
      },
    });
    const told = problemsOf({ fleet: over }).map(({ id, path, line }) => `${id} ${path.join('.')} ${line}`);
    expect(told.sort()).toEqual([
      'schema clusters.0.nodes.2.role undefined',
      'schema overlay over.drop.0 5',
      'schema overlay over.nodes.worker.memoryMiB 4',
      'unknown-key overlay over.nodes.workers 3',
    ]);
  });

  test('that is empty, or only a comment, changes nothing', () => {
    for (const text of ['', '# nothing', '{}']) {
      const same = parseFleet({ file: 'f.yaml', text: fleet(), overlay: { name: 'over', text } });
      expect(same.spec).toEqual(parseFleet({ file: 'f.yaml', text: fleet() }).spec);
    }
  });
});
