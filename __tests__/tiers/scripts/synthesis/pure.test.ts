import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { addressList } from './addresses';

const root = resolve(__dirname, '../../../..');
const golden = join(root, '__tests__/golden/addresses');
const fleets = readdirSync(join(root, 'fleets')).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
const cases = [...fleets.map((name) => [name, null] as const), ...['kind', 'tart', 'trio'].map((name) => [name, 'nspawn'] as const)];
/** Only root on Linux can make the namespaces. */
const canIsolate = process.platform === 'linux' && process.getuid?.() === 0;

const work = mkdtempSync(join(tmpdir(), 'flotilla-pure-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A PATH of two programs: node, and setpriv, which drops root. */
const bin = join(work, 'bin');
const calls = join(bin, 'calls');
beforeAll(() => {
  chmodSync(work, 0o755);
  mkdirSync(bin);
  for (const program of ['node', 'setpriv']) {
    const found = program === 'node' ? process.execPath : onPath(program);
    if (found !== null) symlinkSync(found, join(bin, program));
  }
  // Programs that a synthesis must not call: each would record it.
  writeFileSync(calls, '');
  chmodSync(calls, 0o666);
  for (const program of ['curl', 'go', 'terraform', 'docker'])
    writeFileSync(join(bin, program), `#!/bin/sh\necho ${program} >>"$(dirname "$0")/calls"\nexit 1\n`, { mode: 0o755 });
});

const onPath = (program: string): string | null =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(existsSync) ?? null;

interface Result {
  readonly code: number | null;
  readonly text: string;
}

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Result> {
  const child = spawn(command, args, { env: environment, cwd: root });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  return new Promise((done) => child.on('close', (code) => done({ code, text })));
}

/** `flotilla synth --out`, isolated where this host can do that. @param preload script that node loads first */
async function synthesize(name: string, overlay: string | null, preload?: string): Promise<Result & { readonly out: string }> {
  const folder = mkdtempSync(join(work, 'out-'));
  const out = join('stacks-of', name);
  if (preload !== undefined) writeFileSync(join(folder, 'preload.cjs'), preload);
  const words = (checkout: string, writable: string): readonly string[] => [
    ...(preload === undefined ? [] : ['--require', join(writable, 'preload.cjs')]),
    join(checkout, 'cli/bin.cjs'),
    ...['synth', '--fleet', name, ...(overlay ? ['--overlay', overlay] : []), '--out', join(writable, out)],
  ];
  const result = canIsolate
    ? await run('bash', [join(__dirname, 'isolated.sh'), root, bin, folder, ...words('/mnt/checkout', '/mnt/out')], {
        PATH: process.env.PATH,
      })
    : await run(process.execPath, words(root, folder), { PATH: bin, HOME: '/nonexistent', TMPDIR: folder });
  return { ...result, out: join(folder, out) };
}

if (!canIsolate)
  test('not proven on this host: synthesis without network, as another user and from a read-only checkout; it needs Linux and root', () =>
    expect(canIsolate).toBe(false));

test.each(cases)('the fleet %s (overlay %s) synthesizes without network, root, tools and a writable checkout', async (name, overlay) => {
  const { code, text, out } = await synthesize(name, overlay);
  expect({ code, text }).toMatchObject({ code: 0, text: expect.stringMatching(/ stacks in /) });
  expect(readFileSync(calls, 'utf8')).toBe('');
  const list = addressList(out);
  const file = join(golden, `${[name, overlay].filter(Boolean).join('-on-')}.txt`);
  if (process.env.FLOTILLA_GOLDEN === 'write') writeFileSync(file, list);
  expect(list).toBe(readFileSync(file, 'utf8'));
});

const stackTexts = (out: string): string =>
  readdirSync(join(out, 'stacks'))
    .sort()
    .map((name) => readFileSync(join(out, 'stacks', name, 'cdk.tf.json'), 'utf8'))
    .join('\n');

test('the stacks are the same bytes on macOS', async () => {
  // esbuild is a program of the real platform, so it is found before the platform changes. Its own thread runs the preload too, and would wait for itself.
  const esbuild = `require(require.resolve('esbuild', { paths: [require('node:path').dirname(process.argv[1])] }));`;
  const fake = Object.entries({ platform: 'darwin', arch: 'arm64' }).map(
    ([key, value]) => `Object.defineProperty(process, '${key}', { value: '${value}' });`,
  );
  // Stacks are written by a second process, which does not inherit the first one's `--require`.
  const inherit = "process.env.NODE_OPTIONS = '--require ' + __filename;";
  const record = "require('node:fs').appendFileSync(require('node:path').join(__dirname, 'platforms'), process.platform + '\\n');";
  const preload = ["if (require('node:worker_threads').isMainThread) {", esbuild, ...fake, inherit, record, '}'].join('\n');
  const [here, there] = [await synthesize('trio', null), await synthesize('trio', null, preload)];
  expect(readFileSync(join(there.out, '../../platforms'), 'utf8')).toBe('darwin\ndarwin\n');
  expect(there.text).toBe(here.text);
  expect(stackTexts(there.out)).toBe(stackTexts(here.out));
});

test('a synthesis that asks the network is found', async () => {
  // The mutation: `doctor` probes official sources, as a synthesis did once.
  await run(process.execPath, [join(root, 'cli/bin.cjs'), 'doctor', '--fleet', 'trio'], {
    PATH: `${bin}${delimiter}/usr/bin:/bin`,
    HOME: work,
    TMPDIR: work,
  });
  expect(readFileSync(calls, 'utf8')).toContain('curl');
});
