import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { contains, formatAddress, overlap, parseAddress, parseCidr } from '../../config/cidr';
import { kubernetesPin, kubernetesWindow, minorNumber, minorsOf } from '../../config/kubernetes-versions';
import { loadFleet, parseFleet } from '../../config/load';
import { nearest, suggestion } from '../../config/nearest';
import { layOver } from '../../config/overlay';
import { overlayJsonSchema } from '../../config/overlay-schema';
import { formatPath, UserError } from '../../config/problem';
import { fleetJsonSchema, fleetSchema } from '../../config/schema';
import { assignAddresses, deploymentName, firstFreeNetwork } from '../../model/deployment-identity';
import { forgetGoneNodes, openDeployment, readDeployment, recordAddresses } from '../../runner/deployment/record';
import { type Json, root } from '../support/fleet-fixture';

describe('addresses and CIDRs', () => {
  const address = fc.nat(2 ** 32 - 1);

  test('an address survives its text, and a block contains its first and last', () => {
    fc.assert(fc.property(address, (number) => expect(parseAddress(formatAddress(number))).toBe(number)));
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 32 }), (number, prefix) => {
        const size = 2 ** (32 - prefix);
        const text = `${formatAddress(number - (number % size))}/${prefix}`;
        const block = parseCidr(text)!;
        expect(contains(text, formatAddress(block.first)) && contains(text, formatAddress(block.last)) && overlap(text, text)).toBe(true);
      }),
    );
  });

  test.each(['10.0.0.1/24', '10.0.0/24', '10.0.0.0', '10.0.0.0/33', '256.0.0.0/8', 'fd00::/8', ''])('fails: %s is no CIDR', (text) =>
    expect(parseCidr(text)).toBeNull(),
  );

  test('overlap is the same from both sides and holds for nested blocks', () => {
    expect(overlap('10.96.0.0/12', '10.100.0.0/16') && overlap('10.100.0.0/16', '10.96.0.0/12')).toBe(true);
    expect(overlap('10.101.0.0/16', '10.102.0.0/16')).toBe(false);
  });
});

describe('a deployment', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-deployment-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (more: Partial<Parameters<typeof openDeployment>[0]> = {}) =>
    openDeployment({ root: folder, fleet: 'lab', overlay: null, provider: 'nspawn', busyCidrs: [], ...more });
  const nodes = (...names: string[]) => names.map((name) => ({ name }));

  test('keeps its uid and network for ever', () => {
    const first = open({ busyCidrs: ['10.77.0.0/24', '10.77.1.0/25', '0.0.0.0/0'] });
    expect(first.record).toMatchObject({ uid: expect.stringMatching(/^[0-9a-f]{6}$/), network: '10.77.2.0/24', addresses: {} });
    expect(open({ busyCidrs: [first.record.network] })).toEqual(first);
    expect(() => open({ network: '10.9.0.0/24' })).toThrow(/network 10.9.0.0\/24.*live in 10.77.2.0\/24.*destroy/s);
    expect(readdirSync(first.folder)).toEqual(['deployment.json']);
  });

  test('is named by fleet, overlay and provider', () => {
    expect(deploymentName({ fleet: 'lab', overlay: 'small', provider: 'nspawn' })).toBe('lab+small@nspawn');
    expect(open({ overlay: 'small' }).folder).not.toBe(open().folder);
  });

  test('gives addresses from .11 on; a node keeps its own, a removed one frees its only when forgotten', () => {
    let deployment = recordAddresses(open(), nodes('a', 'b'));
    expect(deployment.record.addresses).toEqual({ a: '10.77.0.11', b: '10.77.0.12' });
    deployment = recordAddresses(deployment, nodes('b', 'c'));
    expect(deployment.record.addresses).toEqual({ a: '10.77.0.11', b: '10.77.0.12', c: '10.77.0.13' });
    forgetGoneNodes(deployment.folder, ['c', 'b', 'd'], []);
    deployment = recordAddresses({ folder: deployment.folder, record: readDeployment(deployment.folder)! }, nodes('d', 'c', 'b'));
    expect(deployment.record.addresses).toEqual({ b: '10.77.0.12', c: '10.77.0.13', d: '10.77.0.11' });
    expect(readDeployment(deployment.folder)).toEqual(deployment.record);
  });

  test('a fixed address is taken before others are handed out, and refused when it is another one’s', () => {
    const record = { network: '10.77.0.0/24', addresses: { old: '10.77.0.11' } };
    expect(assignAddresses(record, [{ name: 'a' }, { name: 'b', address: '10.77.0.12' }])).toMatchObject({
      a: '10.77.0.13',
      b: '10.77.0.12',
    });
    expect(() => assignAddresses(record, [{ name: 'b', address: '10.77.0.11' }])).toThrow(/"old" has it/);
    expect(() => assignAddresses(record, [{ name: 'old', address: '10.77.0.20' }])).toThrow(/it has 10.77.0.11 and keeps it/);
  });

  test('fails with what to do when its addresses or the networks run out', () => {
    const many = Array.from({ length: 245 }, (_, index) => ({ name: `n-${index}` }));
    expect(() => assignAddresses({ network: '10.77.0.0/24', addresses: {} }, many)).toThrow(/"n-244": 10.77.0.0\/24 has no free address/);
    expect(() => firstFreeNetwork(['10.0.0.0/8'])).toThrow(UserError);
  });

  test.each(['{"uid": "abc', '{}', ''])('fails on a record that cannot be understood (%j) and leaves it as it is', (text) => {
    const { folder: at } = open();
    writeFileSync(join(at, 'deployment.json'), text);
    expect(() => open()).toThrow(/cannot be understood.*never written anew.*put back a copy/s);
    expect(readFileSync(join(at, 'deployment.json'), 'utf8')).toBe(text);
  });
});

describe('the loader', () => {
  test('a missing fleet or overlay is a mistake of the user, with the nearest name', () => {
    expect(() => loadFleet({ root, fleet: 'labb' })).toThrow(/fleet "labb": there is no .*did you mean "lab"\?/);
    expect(() => loadFleet({ root, fleet: 'lab', overlay: 'smal' })).toThrow(/did you mean "small"\?/);
  });

  test('the name is that of the file unless the file says another one', () => {
    expect(parseFleet({ file: '/somewhere/mine.yaml', text: 'budget: {memoryMiB: 4096}' }).name).toBe('mine');
  });

  test('an overlay merges named lists by name, and its own faults name it', () => {
    expect(layOver({ a: 1, list: [{ name: 'x', n: 1, m: 2 }] }, { list: [{ name: 'x', n: 3 }, { name: 'y' }] })).toEqual({
      a: 1,
      list: [{ name: 'x', n: 3, m: 2 }, { name: 'y' }],
    });
    expect(layOver({ add: ['a', 'b'] }, { add: ['c'] })).toEqual({ add: ['c'] });
    const { problems } = parseFleet({ file: 'a.yaml', text: 'budget: {memoryMiB: 4096}', overlay: { name: 'o', text: 'x: [' } });
    expect(problems.map(({ path }) => formatPath(path))).toContain('overlay o');
  });

  test('never throws, whatever the text or tree', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseFleet({ file: 'a.yaml', text })));
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (tree) => void parseFleet({ file: 'a.yaml', text: JSON.stringify({ clusters: [tree, { nodes: [tree] }], budget: tree }) }),
      ),
    );
  });
});

describe('the schema', () => {
  const nothing = { providers: [], machineNetworks: [], components: [] };

  test('an overlay may say anything that a fleet may, and must say nothing but names', () => {
    const [fleet, overlay] = [fleetJsonSchema(nothing) as Json, overlayJsonSchema(nothing) as Json];
    const own = ['drop', 'nodes', 'leaveOut', 'bringIn'];
    const all = [...Object.keys(fleet.properties).filter((key) => key !== 'name'), ...own];
    expect(Object.keys(overlay.properties).sort()).toEqual(all.sort());
    expect(overlay.required).toBeUndefined();
    const [cluster, overCluster] = [fleet, overlay].map((schema) => schema.properties.clusters.items);
    expect(Object.keys(overCluster.properties).sort()).toEqual(Object.keys(cluster.properties).sort());
    expect([overCluster.required, overCluster.properties.nodes.items.required]).toEqual([['name'], ['name']]);
    expect(JSON.stringify(overlay)).not.toContain('"default"');
  });

  test('every field is described, so that an editor can explain it', () => {
    const undescribed: string[] = [];
    const walk = (schema: Json, path: string): void => {
      for (const [key, field] of Object.entries<Json>(schema.properties ?? {})) {
        if (!field.description) undescribed.push(`${path}.${key}`);
        walk(field.items ?? field, `${path}.${key}`);
      }
    };
    walk(fleetJsonSchema(nothing), '');
    walk(overlayJsonSchema(nothing), 'overlay');
    expect(undescribed).toEqual([]);
  });

  test('the JSON schema asks only for what has no default, refuses unknown keys and names what there is', () => {
    const schema = fleetJsonSchema({ providers: ['nspawn'], machineNetworks: ['bridge'], components: ['demo'] }) as Json;
    expect(schema.required).toEqual(['budget', 'clusters']);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.clusters.items.properties.nodes.items.required).toEqual(['name', 'role', 'memoryMiB']);
    expect(schema.properties.provider.examples).toEqual(['auto', 'nspawn']);
    expect(schema.properties.machineNetwork.examples).toEqual(['bridge']);
    expect(JSON.stringify(schema)).toContain('"examples":["demo"]');
  });

  test('defaults are filled in', () => {
    const input = {
      budget: { memoryMiB: 4096 },
      clusters: [{ name: 'a', id: 1, role: 'agent', nodes: [{ name: 'n', role: 'worker', memoryMiB: 1024 }] }],
    };
    expect(fleetSchema.parse(input)).toMatchObject({ provider: 'auto', kubernetes: '1.35', domain: 'flotilla.internal' });
    expect(fleetSchema.parse(input).clusters[0]).toMatchObject({
      components: { add: [], remove: [], values: {} },
      nodes: [{ cpus: 2, diskGiB: 20 }],
    });
  });
});

test('every minor of the window is pinned somewhere, and the patch belongs to its minor', () => {
  const { oldest, newest } = kubernetesWindow;
  const window = Array.from({ length: minorNumber(newest) - minorNumber(oldest) + 1 }, (_, index) => `1.${minorNumber(oldest) + index}`);
  expect(minorsOf('official')).toEqual(window);
  for (const minor of window) expect(kubernetesPin(minor, 'official')!.kubernetes.startsWith(`${minor}.`)).toBe(true);
  expect(kubernetesPin('1.35', 'offline')).toEqual({ kubernetes: '1.35.4', etcd: '3.6.6-0', coredns: 'v1.13.1', pause: '3.10.1' });
});

test('a mistyped word finds the nearest one, a foreign word finds the list', () => {
  expect(nearest('worekr', ['control-plane', 'worker'])).toBe('worker');
  expect(suggestion('mysql', ['bridge-cni', 'demo'])).toBe('one of: bridge-cni, demo');
});

test.each([
  ['fleets', '../docs/generated/fleet.schema.json'],
  ['fleets/overlays', '../../docs/generated/overlay.schema.json'],
])('%s name a schema for editors', (folder, schema) => {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.yaml'));
  expect(files.length).toBeGreaterThan(1);
  for (const file of files)
    expect(readFileSync(join(root, folder, file), 'utf8').split('\n')[0]).toBe(`# yaml-language-server: $schema=${schema}`);
});
