import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { machineProviders } from '../../machines';
import { withOwnScripts } from '../../runner/session';
import { load, resolveFresh, root } from '../support/fleet-fixture';

const recorded = () => resolveFresh(load('lab'));

test('a model that an older Flotilla recorded is taken down by scripts that exist', () => {
  const { provider, ...fleet } = recorded();
  const hostScripts = { claim: 'host/lab-up.sh', release: 'host/lab-down.sh' };
  const taken = withOwnScripts({ ...fleet, provider: { ...provider, hostScripts } });
  expect(taken.provider.hostScripts).toEqual(machineProviders.find(({ id }) => id === 'nspawn')!.hostScripts);
  for (const script of Object.values(taken.provider.hostScripts)) expect(existsSync(join(root, 'scripts', script))).toBe(true);
});

test('scripts of a provider from outside stay as they were recorded', () => {
  const { provider, ...fleet } = recorded();
  const outside = { ...fleet, provider: { ...provider, id: 'mine', scripts: '/opt/mine' } };
  expect(withOwnScripts(outside)).toBe(outside);
});
