import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flockCommand } from '../../artifacts/flock';

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'flotilla-flock-'));
afterAll(() => rmSync(folder, { recursive: true }));

function attempt(descriptor: number, waitSeconds: number | null, platform: NodeJS.Platform): number | null {
  const { program, words } = flockCommand(waitSeconds, platform);
  return spawnSync(program, words, { stdio: ['ignore', 'ignore', 'inherit', descriptor] }).status;
}

// macOS has perl and no flock, Debian has both: what the one holds the other must not get.
const platforms = (['linux', 'darwin'] as const).filter((platform) => has(flockCommand(0, platform).program));
const pairs = platforms.flatMap((holder) => platforms.map((other) => [holder, other] as const));

test.each(pairs)('what %s locks stays locked for %s until its file is closed', (holder, other) => {
  const file = join(folder, `${holder}-${other}`);
  const [mine, theirs] = [openSync(file, 'a+'), openSync(file, 'a+')];
  expect(attempt(mine, 0, holder)).toBe(0);
  expect(attempt(theirs, 0, other)).toBe(1);
  expect(attempt(theirs, 1, other)).toBe(1);
  closeSync(mine);
  expect(attempt(theirs, 1, other)).toBe(0);
  closeSync(theirs);
});
