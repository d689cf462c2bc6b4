import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseProvider, knownProviders, machineProviders } from '../../machines';

const linuxRoot = { platform: 'linux', isRoot: true };
const features = { machineToMachine: 'yes', hostToMachine: 'yes', foreignSources: 'no', ipv6: 'no', stableAddresses: 'yes', l7: 'no' };
const outside = {
  id: 'fake',
  summary: 'a fake',
  scripts: '/somewhere/fake',
  hostScripts: { claim: '/somewhere/up.sh', release: '/somewhere/down.sh' },
  features,
};

describe('the choice of a provider', () => {
  test('auto is nspawn on Linux as root', () => expect(chooseProvider('auto', {}, linuxRoot).id).toBe('nspawn'));

  test('fails with what to do elsewhere', () => {
    expect(() => chooseProvider('auto', {}, { platform: 'linux', isRoot: false })).toThrow(/only root can start; run it as root/);
    expect(() => chooseProvider('auto', {}, { platform: 'darwin', isRoot: false })).toThrow(/no machine provider for darwin/);
    expect(() => chooseProvider('nspwn', {}, linuxRoot)).toThrow(/provider "nspwn".*did you mean "nspawn"\?/);
  });
});

describe('a provider from outside', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-provider-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const written = (content: unknown) => {
    const file = join(folder, 'provider.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return { FLOTILLA_MACHINE_PROVIDER: file };
  };

  test('is chosen for auto and by its name, beside ours', () => {
    const environment = written(outside);
    expect(chooseProvider('auto', environment, { platform: 'darwin', isRoot: false })).toEqual(outside);
    expect(chooseProvider('fake', environment, linuxRoot).scripts).toBe('/somewhere/fake');
    expect(chooseProvider('nspawn', environment, linuxRoot).id).toBe('nspawn');
    expect(knownProviders(environment).map(({ id }) => id)).toEqual(['fake', ...machineProviders.map(({ id }) => id)]);
  });

  test.each([
    ['no JSON', '{'],
    ['a relative path', { ...outside, scripts: 'host/fake' }],
    ['an unknown key', { ...outside, feature: {} }],
  ])('fails with the file and what it should say: %s', (_, content) => {
    expect(() => chooseProvider('auto', written(content), linuxRoot)).toThrow(
      /FLOTILLA_MACHINE_PROVIDER .*provider\.json: cannot be used.*unset it/s,
    );
  });
});

test('providers are named once and frozen', () => {
  expect(new Set(machineProviders.map(({ id }) => id)).size).toBe(machineProviders.length);
  for (const provider of machineProviders) expect(Object.isFrozen(provider) && Object.isFrozen(provider.features)).toBe(true);
});
