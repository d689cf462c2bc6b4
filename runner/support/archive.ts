import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../../config/failure';
import type { Piece } from './collect';
import { type Person, type Rule, redact, rules } from './redact';

export const thisPerson = (): Person => ({ home: homedir(), user: process.env.SUDO_USER ?? userInfo().username });

/**
 * Writes what was collected, redacted, as one tar.gz that only its owner can read.
 * @param known values that must not be seen whatever they look like
 * @throws Failure when tar cannot
 */
export function writeArchive(
  file: string,
  pieces: readonly Piece[],
  known: readonly string[],
  { person = thisPerson(), by = rules }: { readonly person?: Person; readonly by?: readonly Rule[] } = {},
): void {
  // Nobody but its owner may look inside: mkdtemp makes it 0700.
  const scratch = mkdtempSync(join(tmpdir(), 'flotilla-support-'));
  const root = 'flotilla-support';
  try {
    const contents = pieces.map(({ path, what }) => `${path}: ${what}`).join('\n');
    const readme = `What "npx flotilla support" found. Secrets are replaced by what stands between < and >.\n\n${contents}\n`;
    for (const { path, text } of [...pieces, { path: 'README.txt', text: readme }]) {
      // A name may tell as much as a content.
      const target = join(scratch, root, redact(path, known, person, by));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, redact(text, known, person, by), { mode: 0o600 });
    }
    writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
    chmodSync(file, 0o600);
    const { status, stderr } = spawnSync('tar', ['-C', scratch, '--owner=0', '--group=0', '--numeric-owner', '-czf', file, root], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Failure(`tar could not write ${file}: ${stderr.trim()}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
