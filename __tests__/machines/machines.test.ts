import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseProvider, knownProviders, machineProviders, thisHost } from '../../machines';
import { defaultNetwork, defineMachineProvider, featureMeanings } from '../../machines/define';
import { nspawn } from '../../machines/nspawn';

const linux = { platform: 'linux', hasTart: false };
const mac = { platform: 'darwin', hasTart: true };
const outside = {
  id: 'fake',
  summary: 'a fake',
  scripts: '/somewhere/fake',
  hostScripts: { claim: '/somewhere/up.sh', release: '/somewhere/down.sh' },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-provider-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the choice of a provider', () => {
  test('auto is nspawn on Linux, and tart on a Mac that has it; looking needs no root', () => {
    expect(chooseProvider('auto', {}, linux).id).toBe('nspawn');
    expect(chooseProvider('auto', {}, mac).id).toBe('tart');
  });

  test('one that is named is chosen on any host: validation needs no Mac', () => {
    for (const { id } of machineProviders) expect(chooseProvider(id, {}, linux).id).toBe(id);
  });

  test('fails with what to do elsewhere', () => {
    expect(() => chooseProvider('auto', {}, { ...mac, hasTart: false })).toThrow(/not installed; "brew install .*tart", or name multipass/);
    expect(() => chooseProvider('auto', {}, { ...linux, platform: 'win32' })).toThrow(/no machine provider for win32; run it on Linux/);
    expect(() => chooseProvider('nspwn', {}, linux)).toThrow(/provider "nspwn".*did you mean "nspawn"\?/);
  });

  test('tart is there when PATH holds a program of that name', () => {
    const path = process.env.PATH;
    try {
      process.env.PATH = folder;
      writeFileSync(join(folder, 'tart'), '');
      expect(thisHost().hasTart).toBe(false);
      chmodSync(join(folder, 'tart'), 0o755);
      expect(thisHost().hasTart).toBe(true);
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('a provider from outside', () => {
  const written = (content: unknown) => {
    const file = join(folder, 'provider.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return { FLOTILLA_MACHINE_PROVIDER: file };
  };

  test('is chosen for auto and by its name, beside ours; what it leaves out is as with nspawn', () => {
    const environment = written(outside);
    expect(chooseProvider('auto', environment, mac)).toEqual({ ...nspawn, ...outside });
    expect(chooseProvider('fake', environment, linux).scripts).toBe('/somewhere/fake');
    expect(chooseProvider('nspawn', environment, linux).id).toBe('nspawn');
    expect(knownProviders(environment).map(({ id }) => id)).toEqual(['fake', ...machineProviders.map(({ id }) => id)]);
  });

  test('says all that a provider of ours says', () => {
    const whole = { ...chooseProvider('tart', {}, mac), ...outside };
    expect(chooseProvider('fake', written(whole), linux)).toEqual(whole);
  });

  test.each([
    ['no JSON', '{'],
    ['a relative path', { ...outside, scripts: 'host/fake' }],
    ['an unknown key', { ...outside, feature: {} }],
    ['no network at all', { ...outside, networks: {} }],
    ['a network with a feature left out', { ...outside, networks: { flat: { ipv6: 'no' } } }],
  ])('fails with the file and what it should say: %s', (_, content) => {
    expect(() => chooseProvider('auto', written(content), linux)).toThrow(
      /FLOTILLA_MACHINE_PROVIDER .*provider\.json: cannot be used.*unset it/s,
    );
  });
});

test('providers are named once, frozen through and through, and every network answers for every feature', () => {
  expect(new Set(machineProviders.map(({ id }) => id)).size).toBe(machineProviders.length);
  for (const provider of machineProviders) {
    expect(Object.isFrozen(provider) && Object.isFrozen(provider.networks[defaultNetwork(provider)])).toBe(true);
    for (const features of Object.values(provider.networks))
      expect(Object.keys(features).sort()).toEqual(Object.keys(featureMeanings).sort());
  }
  expect(() => defineMachineProvider({ ...nspawn, networks: {} })).toThrow(/"nspawn" has no network/);
});

test('what leases addresses says where from, and promises none', () => {
  for (const { addresses, cidr, networks } of machineProviders) {
    expect(cidr === null).toBe(addresses === 'assigned');
    const promised = Object.values(networks).map(({ stableAddresses }) => stableAddresses);
    expect(promised.every((support) => support === (addresses === 'assigned' ? 'yes' : 'no'))).toBe(true);
  }
});
