import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { adoptDeployment } from '../../runner/machines/adopt';
import { removeLeftBehind } from '../../runner/machines/left-behind';

// The real scripts of each provider over its fake: what `destroy --uid` finds on a host whose checkout is lost.
const uid = 'abc123';
const before = { ...process.env };
let work: string;
let data: string;
let state: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-left-'));
  data = join(work, 'host');
  state = join(work, 'state');
  mkdirSync(state);
  mkdirSync(join(work, 'bin'));
  // Not launchctl: nothing here is started by it.
  for (const fake of ['docker', 'kind', 'multipass']) symlinkSync(resolve(__dirname, '../fakes/bin', fake), join(work, 'bin', fake));
  Object.assign(process.env, {
    FLOTILLA_HOST_DATA: data,
    FLOTILLA_FAKE_STATE: state,
    PATH: `${join(work, 'bin')}:${before.PATH}`,
  });
});
afterEach(() => {
  process.env = { ...before };
  rmSync(work, { recursive: true });
});

const write = (path: string, content: string | object): void => {
  const file = join(work, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
};
/** As the claim script of a provider with leased addresses leaves it. */
const claim = (provider: string): void =>
  write(`host/${uid}/owner.json`, { uid, deployment: `lab@${provider}`, checkout: join(work, 'gone'), provider });
const left = (): readonly string[] => (existsSync(data) ? readdirSync(data) : []);

test('machines of Multipass go, with their marks and the claim; a stranger stays', async () => {
  claim('multipass');
  write(`host/${uid}/machines/hub-cp-1.json`, { uid, node: 'hub-cp-1', stage: 'met' });
  for (const machine of [`f${uid}-hub-cp-1`, 'fffffff-other'])
    for (const [file, text] of Object.entries({ state: 'Stopped', address: '192.168.64.9' }))
      write(`state/multipass/${machine}/${file}`, text);
  expect(await removeLeftBehind(uid, data)).toEqual(['hub-cp-1']);
  expect(readdirSync(join(state, 'multipass'))).toEqual(['fffffff-other']);
  expect(left()).toEqual([]);
});

test('a kind cluster goes whole, also one whose containers are gone already', async () => {
  claim('kind');
  for (const cluster of ['kind', 'empty']) write(`host/${uid}/clusters/${cluster}.json`, { uid, cluster, stage: 'made' });
  for (const [node, cluster] of [
    ['kind-control-plane', 'kind'],
    ['kind-worker', 'kind'],
    ['other-worker', 'other'],
  ])
    for (const [file, text] of Object.entries({ cluster, state: 'running' })) write(`state/containers/${node}/${file}`, `${text}\n`);
  expect(await removeLeftBehind(uid, data)).toEqual(['kind-control-plane', 'kind-worker']);
  expect(readdirSync(join(state, 'containers'))).toEqual(['other-worker']);
  expect(left()).toEqual([]);
});

test('nothing is guessed: machines whose provider nobody tells, or that is not known here, stay', async () => {
  write(`host/${uid}/machines/hub-cp-1.json`, {});
  await expect(removeLeftBehind(uid, data)).rejects.toThrow(/does not tell the provider of hub-cp-1/);
  claim('mine');
  await expect(removeLeftBehind(uid, data)).rejects.toThrow(/"mine" is not known here.*FLOTILLA_MACHINE_PROVIDER/);
  expect(left()).toEqual([uid]);
});

test.each(['tart', 'multipass', 'kind'])('who wants to adopt machines of %s is told why not, and what removes them', async (provider) => {
  claim(provider);
  await expect(adoptDeployment(uid, data)).rejects.toThrow(
    new RegExp(`of the provider "${provider}" cannot be taken over[\\s\\S]*npx flotilla destroy --uid ${uid} --yes`),
  );
});
