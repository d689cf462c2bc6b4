import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flock } from '../../artifacts/flock';
import { takeLock } from '../../runner/lock';

const work = mkdtempSync(join(tmpdir(), 'flotilla-lock-'));
afterAll(() => rmSync(work, { recursive: true }));
const onLinux = process.platform === 'linux' ? test : test.skip;

// One look at the providers is the sabotage: it comes before this Terraform dies, and the lock is held for ever.
onLinux('a Terraform that dies while its lock is waited for leaves no provider that holds it', async () => {
  const file = join(work, 'lock');
  writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, verb: 'up' }));
  const held = openSync(file, 'a+');
  expect(flock(held, 0)).toBe(true);
  const provider = 'exec -a terraform-provider-helm sleep 120';
  const dying = `(${provider}) & echo begun; sleep 2; :`;
  const terraform = spawn('bash', ['-c', 'exec -a terraform bash -c "$0"', dying], { stdio: ['ignore', 'pipe', 'inherit', held] });
  await new Promise((resolve) => terraform.stdout!.once('data', resolve));
  const began = Date.now();
  // Ours is another opening of the file; closed here, the lock is theirs alone.
  closeSync(held);
  const { descriptor } = takeLock(file, 'up');
  expect(Date.now() - began).toBeGreaterThan(1000);
  expect(descriptor).toBeGreaterThan(2);
});
