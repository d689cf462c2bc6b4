import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What raises real machines to try or to measure begins with `destroy`. @throws Error when that would take somebody's own, which nobody has given up */
export function assertMayDestroy(folder: string, environment: NodeJS.ProcessEnv = process.env): void {
  const nodes = join(folder, 'nodes');
  const machines = existsSync(nodes) ? readdirSync(nodes).filter((file) => file.endsWith('.json')) : [];
  if (machines.length === 0 || environment.FLOTILLA_TEST_MAY_DESTROY === '1') return;
  throw new Error(
    `${basename(folder)} has the machines ${machines.map((file) => file.replace(/\.json$/, '')).join(', ')}; this run destroys what it finds, ` +
      'so it wants none: run "npx flotilla destroy" first, or give them up by FLOTILLA_TEST_MAY_DESTROY=1 before the same command',
  );
}
