import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseFleet } from '../../config/fleet-file';
import { loadFleet } from '../../config/load';
import { FleetError, UserError } from '../../config/problem';
import { problemsOf } from '../../model/validate';
import { root } from '../support/fleet-fixture';

const isRoot = process.getuid?.() === 0;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const inFolder = (name: string, make: (path: string) => void): string => {
  make(join(folder, name));
  return join(folder, name);
};
const good =
  'budget: { memoryMiB: 8192 }\nclusters:\n  - name: one\n    id: 1\n    role: standalone\n    components: { add: [bridge-cni] }\n    nodes: [{ name: one-cp-1, role: control-plane, memoryMiB: 2048 }]\n';

test.each<[what: string, make: () => string, says: RegExp]>([
  ['a folder', () => inFolder('a.yaml', (path) => mkdirSync(path)), /is not a file; name a YAML file/],
  ['a folder without .yaml', () => folder, /neither a name below fleets\/ nor a path that ends in .yaml/],
  ['a path out of fleets/', () => '../fleets/lab', /neither a name below fleets/],
  ['a device', () => inFolder('zero.yaml', (path) => symlinkSync('/dev/zero', path)), /is not a file/],
  ['a link to nothing', () => inFolder('l.yaml', (path) => symlinkSync('gone', path)), /there is no/],
  ['a binary file', () => file('b.yaml', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2])), /is not text; save it as YAML in UTF-8/],
  ['text in Latin-1', () => file('b.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xe4])), /is not text in UTF-8/],
  ['text in UTF-16', () => file('b.yaml', Buffer.from(`\ufeff${good}`, 'utf16le')), /is not text/],
])('%s is refused in one line', (_, make, says) => {
  const fleet = make();
  const load = () => loadFleet({ root, fleet });
  expect(load).toThrow(UserError);
  expect(load).toThrow(says);
});

(isRoot ? test.skip : test)('a file without the right to read it is refused in one line', () => {
  const unreadable = file('c.yaml', good);
  chmodSync(unreadable, 0);
  expect(() => loadFleet({ root, fleet: unreadable })).toThrow(/cannot be read; give yourself the right/);
});

test.each(['../../../evil', 'team/dev', '/etc/passwd', '..', '.', 'small.yaml', 'a b', '-x', 'x\ny', 'y'.repeat(80)])(
  'the overlay %j is refused: an overlay is a name',
  (overlay) => {
    expect(() => loadFleet({ root, fleet: 'lab', overlay })).toThrow(/an overlay is the name of a file in fleets\/overlays\//);
  },
);

test('a byte order mark is no fault', () => {
  expect(problemsOf({ fleet: loadFleet({ root, fleet: file('bom.yaml', `\ufeff${good}`) }) })).toEqual([]);
});

test('a file of megabytes and one that is nested thousands deep are refused without being repeated', () => {
  const large = problemsOf({ fleet: loadFleet({ root, fleet: file('large.yaml', `x-note: ${'word '.repeat(400_000)}\n${good}`) }) });
  expect(new FleetError('large', large).message).toMatch(/more than 1048576; keep large data out of it$/);
  for (const text of [
    '['.repeat(20_000),
    `x-note: ${'['.repeat(3000)}${']'.repeat(3000)}\n${good}`,
    `x-note: ${'{a: '.repeat(70)}1${'}'.repeat(70)}\n${good}`,
  ]) {
    const { message } = new FleetError('deep', problemsOf({ fleet: loadFleet({ root, fleet: file('deep.yaml', text) }) }));
    expect(message.length).toBeLessThan(3000);
    expect(message).toMatch(/nested|lacks a character/);
  }
});

test.each(['gone', 'a-file'])('a mirror of charts that is not a folder (%s) is refused with its line', (mirror) => {
  file('a-file', '');
  const fleet = loadFleet({ root, fleet: file('m.yaml', `charts: { mirror: ${join(folder, mirror)} }\n${good}`) });
  const { message } = new FleetError('m', problemsOf({ fleet }));
  expect(message).toMatch(/line 1, charts.mirror .*: is not a folder; name a folder of Helm charts, or leave it out/);
});

test('a file that does not exist is not proposed in its place', () => {
  expect(() => loadFleet({ root, fleet: '/nowhere/at-all.yaml' })).toThrow(
    /there is no \/nowhere\/at-all.yaml; name a YAML file that exists$/,
  );
});

test('a fault of the whole file is a line without an empty place in front', () => {
  const { message } = new FleetError('empty', problemsOf({ fleet: loadFleet({ root, fleet: file('empty.yaml', '') }) }));
  expect(message).toMatch(/:\n {2}the file is empty; /);
});

test('a mirror of charts is looked for from the root, and a folder is accepted', () => {
  mkdirSync(join(folder, 'charts'));
  const named = file('m.yaml', `charts: { mirror: charts }\n${good}`);
  expect(problemsOf({ fleet: loadFleet({ root: folder, fleet: named }) })).toEqual([]);
});

test('an empty variable counts as unset, an empty option is refused', () => {
  expect(chooseFleet({}, { FLOTILLA_FLEET: '', FLOTILLA_OVERLAY: '' })).toEqual({ fleet: 'lab', overlay: null });
  expect(chooseFleet({}, { FLOTILLA_FLEET: 'trio', FLOTILLA_OVERLAY: 'nspawn' })).toEqual({ fleet: 'trio', overlay: 'nspawn' });
  expect(chooseFleet({ fleet: 'ha' }, { FLOTILLA_FLEET: 'trio' })).toEqual({ fleet: 'ha', overlay: null });
  expect(() => chooseFleet({ fleet: '' }, {})).toThrow(/--fleet "": names no fleet/);
  expect(() => chooseFleet({ overlay: '' }, {})).toThrow(/--overlay "": names no overlay/);
});
