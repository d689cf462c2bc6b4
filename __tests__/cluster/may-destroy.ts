import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentFolder } from './lab-command';

/** The tests begin with `destroy`. @throws Error when that would take somebody's own machines, which nobody has given up */
export function assertMayDestroy(folder = deploymentFolder, environment: NodeJS.ProcessEnv = process.env): void {
  const nodes = join(folder, 'nodes');
  const machines = existsSync(nodes) ? readdirSync(nodes).filter((file) => file.endsWith('.json')) : [];
  if (machines.length === 0 || environment.FLOTILLA_TEST_MAY_DESTROY === '1' || environment.CI) return;
  throw new Error(
    `lab@nspawn has the machines ${machines.map((file) => file.replace(/\.json$/, '')).join(', ')}; the cluster tests destroy what they find, ` +
      'so they want none: run "flotilla destroy" first, or give them up with FLOTILLA_TEST_MAY_DESTROY=1 npm run test:cluster',
  );
}
