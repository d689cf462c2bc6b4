import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(__dirname, '../../../..');
const work = mkdtempSync(join(tmpdir(), 'flotilla-diff-'));
const temporary = join(work, 'tmp');
const bin = join(work, 'bin');
const name = `preview-${process.pid}`;
const file = join(work, `${name}.yaml`);

beforeAll(() => {
  for (const folder of [temporary, bin]) mkdirSync(folder);
  symlinkSync(process.execPath, join(bin, 'node'));
  const node = '{ name: aa-cp-1, role: control-plane, memoryMiB: 2048 }';
  const components = '{ add: [bridge-cni], remove: [local-path, metrics-server] }';
  writeFileSync(
    file,
    `provider: tart\nbudget: { memoryMiB: 8192 }\nclusters: [{ name: aa, id: 1, role: standalone, components: ${components}, nodes: [${node}] }]\n`,
  );
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A program in place of Terraform. @returns its folder */
function stubTerraform(folder: string, text: string): string {
  mkdirSync(join(work, folder));
  writeFileSync(join(work, folder, 'terraform'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return join(work, folder);
}

function diff(
  path: string,
  words: readonly string[] = [],
  onStart: (child: ReturnType<typeof spawn>) => void = () => {},
  tmpdir = temporary,
) {
  const child = spawn(process.execPath, [join(root, 'cli/bin.cjs'), 'diff', '--fleet', file, ...words], {
    cwd: root,
    env: { PATH: path, HOME: work, TMPDIR: tmpdir },
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk) => {
      text[stream] += chunk;
    });
  onStart(child);
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) =>
    child.on('close', (code) => done({ code, ...text })),
  );
}

const system = [bin, '/usr/bin', '/bin'].join(delimiter);

test('a preview without Terraform fails with the remedy, which names the fleet, and leaves no folder behind', async () => {
  const { code, stderr } = await diff(bin);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(`npx flotilla synth --fleet ${file} --out DIR`) });
  expect(readdirSync(temporary)).toEqual([]);
});

test('a stack whose providers cannot be had is reported once and never as unchanged', async () => {
  const stub = stubTerraform('no-provider', 'case $1 in init) echo Initializing...; echo "Error: no such provider" >&2; exit 1 ;; esac');
  const { code, stdout, stderr } = await diff([stub, system].join(delimiter));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/foundation cannot be planned:\n {2}Error: no such provider\n2 more stacks are not planned/);
  expect(stderr).toContain(`"npx flotilla prepare --fleet ${file}"`);
  const json = await diff([stub, system].join(delimiter), ['--json']);
  expect([json.code, JSON.parse(json.stdout)]).toMatchObject([1, { stacks: [], failed: ['foundation', 'aa', 'aa-platform'] }]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('exit code 3 for changes, 0 for none', async () => {
  const change = JSON.stringify({ type: 'planned_change', change: { action: 'create', resource: { addr: 'null_resource.one' } } });
  const changes = stubTerraform('changes', `case $1 in plan) echo '${change}'; exit 2 ;; esac`);
  expect(await diff([changes, system].join(delimiter))).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('create   null_resource.one'),
  });
  expect(await diff([stubTerraform('nothing', 'exit 0'), system].join(delimiter))).toMatchObject({ code: 0 });
});

test.each(['SIGINT', 'SIGTERM'] as const)('a preview that %s ends leaves no folder behind', async (signal) => {
  const stub = stubTerraform(`slow-${signal}`, `case $1 in init) kill -${signal.slice(3)} $(cat ${join(work, 'pid')}); sleep 2 ;; esac`);
  const { code } = await diff([stub, system].join(delimiter), [], ({ pid }) => writeFileSync(join(work, 'pid'), String(pid)));
  expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
  expect(readdirSync(temporary)).toEqual([]);
});

test('a folder for temporary files that does not exist is named with the remedy', async () => {
  const { code, stderr } = await diff(bin, [], () => {}, '/nowhere');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^\/nowhere: .*does not exist; make it, or set TMPDIR/)]);
});
