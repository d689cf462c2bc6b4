import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';

test('who has read enough of what the command says sees no stack trace', () => {
  const words = `'${process.execPath}' '${join(packageRoot(), 'cli', 'bin.cjs')}' model --fleet trio | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', words], { cwd: packageRoot(), encoding: 'utf8' });
  expect([stdout.trim(), stderr]).toEqual(['141', '']);
});
