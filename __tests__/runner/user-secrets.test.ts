import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireBrought, unbrought } from '../../runner/host/user-secrets';
import { load, resolveFresh } from '../support/fleet-fixture';

const folder = mkdtempSync(join(tmpdir(), 'flotilla-brought-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { spec, ...rest } = load('trio', 'nspawn');
const clusters = spec!.clusters.map((one) =>
  one.name === 'mgmt'
    ? { ...one, components: { ...one.components, add: [...one.components.add, 'alert-slack'], secrets: { robusta: ['SLACK_API_KEY'] } } }
    : one,
);
const model = resolveFresh({ ...rest, spec: { ...spec!, clusters } });

test('what only a person knows is asked for before anything is made, all of it at once', () => {
  expect(unbrought(model, folder)).toEqual(['SLACK_API_KEY', 'alert-slack-url']);
  expect(() => requireBrought(model, folder)).toThrow(
    /SLACK_API_KEY, alert-slack-url[\s\S]*umask 077[\s\S]*secrets\/brought\/alert-slack-url/,
  );
  mkdirSync(join(folder, 'secrets', 'brought'), { recursive: true });
  writeFileSync(join(folder, 'secrets', 'brought', 'SLACK_API_KEY'), ' \n');
  expect(unbrought(model, folder)).toEqual(['SLACK_API_KEY', 'alert-slack-url']);
  for (const name of ['SLACK_API_KEY', 'alert-slack-url']) writeFileSync(join(folder, 'secrets', 'brought', name), 'x\n');
  requireBrought(model, folder);
});

test('the fleets as they are need nothing of anybody', () => {
  for (const name of ['trio', 'tart', 'kind', 'lab']) expect(unbrought(resolveFresh(load(name, 'nspawn')), '/nowhere')).toEqual([]);
});
