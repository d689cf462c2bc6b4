import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endHostScripts, hostScript } from '../../runner/machines/host-script';
import { byPrograms, endOrphanedProviders } from '../../runner/terraform/orphans';

const work = mkdtempSync(join(tmpdir(), 'flotilla-host-script-'));
afterAll(() => rmSync(work, { recursive: true }));
const program = (name: string, body: string): string => {
  const file = join(work, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/usr/bin/env bash\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
};
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a script is out of reach of the terminal while somebody decides on Ctrl-C, and ends when that one says so', async () => {
  // Its process group, which a terminal sends its signals to.
  const group = program('group.sh', 'read -r _ _ _ _ group _ </proc/$$/stat; [[ "$group" == "$$" ]] && echo own || echo shared');
  expect(await hostScript(group, {})).toBe('shared\n');
  const decide = (): void => {};
  process.on('SIGINT', decide);
  try {
    expect(await hostScript(group, {})).toBe('own\n');
    const began = join(work, 'began');
    const long = hostScript(program('long.sh', `: >'${began}'; sleep 60; echo late`), {});
    const ended = expect(long).rejects.toThrow(/long.sh failed/);
    while (!existsSync(began)) await new Promise((resolve) => setTimeout(resolve, 20));
    endHostScripts();
    await ended;
  } finally {
    process.off('SIGINT', decide);
  }
});

describe('providers whose Terraform was killed, where there is no /proc', () => {
  let sleeper: ChildProcess;
  const path = process.env.PATH;
  beforeEach(() => {
    sleeper = spawn('sleep', ['60']);
    process.env.PATH = `${work}/bin:${path}`;
    writeFileSync(join(work, 'lock'), '');
  });
  afterEach(() => {
    process.env.PATH = path;
    sleeper.kill('SIGKILL');
  });
  /** What lsof and ps of macOS say of the sleeper and of its parent. */
  const told = (name: string, parent: string): void => {
    program('bin/lsof', `[[ "$1" == -t ]] && echo ${sleeper.pid}`);
    program('bin/ps', `if [[ "\${@: -1}" == ${sleeper.pid} ]]; then echo "  77 /a folder/${name}"; else echo "    1 ${parent}"; fi`);
  };
  test('end, and nobody else does', async () => {
    for (const [name, parent] of [
      ['terraform-provider-helm', '/usr/bin/terraform'],
      ['node', '/sbin/launchd'],
    ] as const) {
      told(name, parent);
      endOrphanedProviders(join(work, 'lock'), byPrograms);
      expect(sleeper.signalCode).toBeNull();
      expect(process.kill(sleeper.pid!, 0)).toBe(true);
    }
    told('terraform-provider-helm_v3', '/sbin/launchd');
    const gone = new Promise((resolve) => sleeper.on('close', (_, signal) => resolve(signal)));
    endOrphanedProviders(join(work, 'lock'), byPrograms);
    expect(await gone).toBe('SIGKILL');
  });
});
