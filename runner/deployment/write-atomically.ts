import { renameSync, type WriteFileOptions, writeFileSync } from 'node:fs';

/**
 * Writes a file beside its place and puts it there: a reader sees the old or the new text, also when we are killed meanwhile.
 * @param half where it is written first; who may be two at once names one of its own. @default `<file>.half`
 */
export function writeAtOnce(file: string, text: string, options: WriteFileOptions = {}, half = `${file}.half`): void {
  writeFileSync(half, text, options);
  renameSync(half, file);
}
