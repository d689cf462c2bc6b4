import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of Flotilla's own package.json: scripts, charts and values are found from here, whatever the bundle's place. */
export function packageRoot(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'flotilla') return folder;
    if (dirname(folder) === folder) return installedRoot(from);
  }
}

/** For an app that bundled us into a file of its own: our files are still where its packages are. */
function installedRoot(from: string): string {
  try {
    return dirname(createRequire(join(from, 'bundle.cjs')).resolve('flotilla/package.json'));
  } catch {
    throw new Error(`no package.json of flotilla at or above ${from}, and no package of that name is installed there`);
  }
}

/** The version of Flotilla that runs. */
export const ownVersion = (): string =>
  (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;

/**
 * The folder that holds `.flotilla/` and one's own `fleets/`: the checkout. Where Flotilla is an installed package it is the current folder,
 * because the next `npm ci` would throw the state away with the package.
 */
export function projectRoot(): string {
  const root = packageRoot();
  return /[\\/]node_modules[\\/]/.test(root) ? process.cwd() : root;
}
