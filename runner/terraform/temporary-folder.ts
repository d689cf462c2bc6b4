import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../config/failure';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `work` in a new folder of $TMPDIR, which is removed when `work` ends, fails or is interrupted by a signal. @param prefix first part of the folder's name */
export async function inTemporaryFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  if (!existsSync(tmpdir()))
    throw new Failure(`${tmpdir()}: this folder for temporary files does not exist; make it, or set TMPDIR to one that exists`);
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const interrupt = (signal: NodeJS.Signals): void => {
    remove();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(folder);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    remove();
  }
}
