import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of Flotilla's own package.json: scripts, charts and values are found from here, whatever the bundle's place. */
export function packageRoot(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'flotilla') return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of flotilla at or above ${from}`);
  }
}
