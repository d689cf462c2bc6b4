import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a folder holds, sorted; nothing where there is no such folder. */
export const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** The same by whole paths. */
export const pathsIn = (folder: string): readonly string[] => namesIn(folder).map((name) => join(folder, name));
