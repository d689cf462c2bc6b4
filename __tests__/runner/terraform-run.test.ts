import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { terraform } from '../../runner/terraform/terraform';

const folder = mkdtempSync(join(tmpdir(), 'flotilla-terraform-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What stands where Terraform would: it says what it is told to say. */
function run(script: string) {
  writeFileSync(join(folder, 'terraform'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'terraform'), 0o755);
  const environment = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  return terraform(['apply'], { folder, environment, log: join(folder, 'log') });
}

const asRoot = process.getuid?.() === 0 && process.platform === 'linux' ? test : test.skip;

asRoot('Terraform, and what it starts, come before the machines', async () => {
  const { errors } = await run('sleep 0.3; echo "priority $(nice)"; sh -c "echo and \\$(nice)"; cat /proc/self/autogroup; exit 1');
  const first = getPriority() - 10;
  const session = existsSync('/proc/self/autogroup') ? [expect.stringMatching(/nice -10$/)] : [expect.anything()];
  expect(errors).toEqual([`priority ${first}`, `and ${first}`, ...session]);
});

test('a Terraform that says nothing of use is quoted, one that is killed is told of', async () => {
  expect(await run('echo "no such thing" >&2; exit 3')).toEqual({ code: 3, errors: ['no such thing'] });
  expect(await run('kill -9 $$')).toMatchObject({ code: 1, killed: true, errors: [expect.stringContaining('SIGKILL')] });
});
