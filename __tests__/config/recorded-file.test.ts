import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';
import { deploymentName } from '../../model/deployment-identity';
import { openDeployment, readDeployment, requireOwnFile } from '../../runner/deployment/record';
import { fleetFileArgument, fleetFilePath } from '../../runner/deployment/recorded-file';

let work: string;
let checkout: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-recorded-'));
  checkout = join(work, 'checkout');
  mkdirSync(join(checkout, 'fleets'), { recursive: true });
  writeFileSync(join(checkout, 'fleets/shop.yaml'), '');
});
afterEach(() => rmSync(work, { recursive: true }));

describe('the path by which a deployment recognises its fleet file', () => {
  test('is the same by every way to the file, and for a checkout that was moved', () => {
    symlinkSync(checkout, join(work, 'link'));
    symlinkSync(join(checkout, 'fleets'), join(work, 'mine'));
    for (const root of [checkout, join(work, 'link')])
      for (const file of [join(checkout, 'fleets/shop.yaml'), join(work, 'link/fleets/shop.yaml'), join(work, 'mine/shop.yaml')])
        expect(fleetFilePath(root, file)).toBe('fleets/shop.yaml');
    const moved = join(work, 'moved');
    renameSync(checkout, moved);
    expect(fleetFilePath(moved, join(moved, 'fleets/shop.yaml'))).toBe('fleets/shop.yaml');
  });

  test('leads out of the checkout where the file is outside, and exists for a file that does not', () => {
    expect(fleetFilePath(checkout, join(work, 'fleets/shop.yaml'))).toBe('../fleets/shop.yaml');
    expect(fleetFileArgument(checkout, '../fleets/shop.yaml')).toBe(join(work, 'fleets/shop.yaml'));
  });

  test('does not name the folder of an installed package, which changes with every version', () => {
    const path = fleetFilePath(checkout, join(packageRoot(), 'fleets/trio.yaml'));
    expect(path).toBe('flotilla:fleets/trio.yaml');
    expect(fleetFileArgument(checkout, path)).toBe('trio');
    expect(fleetFilePath(packageRoot(), join(packageRoot(), 'fleets/trio.yaml'))).toBe('fleets/trio.yaml');
  });
});

describe('the record', () => {
  const open = (file?: string) => openDeployment({ root: checkout, fleet: 'shop', overlay: null, provider: 'nspawn', busyCidrs: [], file });

  test('gets the file at the first chance and a different one when it moved; uid and network stay', () => {
    const { folder, record } = open();
    expect(record.file).toBeUndefined();
    for (const file of ['fleets/shop.yaml', '../shop.yaml']) {
      open(file);
      expect(readDeployment(folder)).toEqual({ ...record, file });
    }
  });

  test('refuses a different file, and none as long as it has no file', () => {
    const { record } = open();
    const given = { path: '../shop.yaml', asGiven: 'x/shop.yaml' };
    expect(() => requireOwnFile(record, given)).not.toThrow();
    expect(() => requireOwnFile({ ...record, file: '../shop.yaml' }, given)).not.toThrow();
    expect(() => requireOwnFile({ ...record, file: 'fleets/shop.yaml' }, given)).toThrow(
      /x\/shop.yaml: .*shop@nspawn.*made from fleets\/shop.yaml/,
    );
  });

  test.each(['../evil', 'team/dev', '..', '.', '', 'a+b', 'a@b', ' '])(
    'has no name that is a path or means a different deployment: overlay %j',
    (overlay) => {
      expect(() => deploymentName({ fleet: 'shop', overlay, provider: 'nspawn' })).toThrow(/an overlay is a name/);
    },
  );
});
