import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is that the scripts would find, `null` when it is missing. */
export const whichProgram = (program: string): string | null =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].map((folder) => join(folder, program)).find(existsSync) ?? null;

export const onPath = (program: string): boolean => whichProgram(program) !== null;
