import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serve, type Web } from '../support/web';

const script = resolve(__dirname, '../../artifacts/build/download.sh');
const work = mkdtempSync(join(tmpdir(), 'download-'));
const files = join(work, 'web');
const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
let web: Web;

beforeAll(async () => {
  mkdirSync(join(files, 'bin'), { recursive: true });
  writeFileSync(join(files, 'kubelet'), 'the kubelet\n');
  writeFileSync(join(files, 'kubelet.sha256'), digest(join(files, 'kubelet')));
  writeFileSync(join(files, 'forged'), 'something else\n');
  writeFileSync(join(files, 'forged.sha256'), `${digest(join(files, 'kubelet'))}\n`);
  writeFileSync(join(files, 'bin', 'registry'), 'the registry\n');
  spawnSync('tar', ['-czf', 'all.tar.gz', './bin/registry'], { cwd: files });
  writeFileSync(join(files, 'all.tar.gz.sha256'), `${'0'.repeat(64)}  other.tar.gz\n${digest(join(files, 'all.tar.gz'))}  all.tar.gz\n`);
  web = await serve(files);
});
afterAll(() => {
  web.end();
  rmSync(work, { recursive: true });
});

function download(
  wanted: Readonly<Record<string, readonly string[]>>,
  program = script,
): { code: number | null; said: string; out: string } {
  const out = mkdtempSync(join(work, 'out-'));
  const list = Object.entries(wanted).map(([name, programs]) => ({
    url: `${web.url}/${name}`,
    digests: `${web.url}/${name}.sha256`,
    programs,
  }));
  const env = { ...process.env, no_proxy: '*', INPUT: JSON.stringify({ out, settings: { files: list } }) };
  const { status, stderr } = spawnSync('bash', [program], { env, encoding: 'utf8' });
  return { code: status, said: stderr, out };
}

it('keeps what has the digest that its project publishes, also out of an archive', () => {
  const { code, out } = download({ kubelet: ['kubelet'], 'all.tar.gz': ['registry'] });
  expect(code).toBe(0);
  expect(readFileSync(join(out, 'kubelet'), 'utf8')).toBe('the kubelet\n');
  expect(readFileSync(join(out, 'registry'), 'utf8')).toBe('the registry\n');
});

it('refuses what has another digest, and what nobody publishes', () => {
  const forged = download({ forged: ['forged'] });
  expect(forged.code).not.toBe(0);
  expect(forged.said).toContain('refused');
  expect(existsSync(join(forged.out, 'forged'))).toBe(false);
  expect(download({ 'no-such-thing': ['x'] }).code).not.toBe(0);
});

it('sabotage: without the comparison the forged program is taken', () => {
  const text = readFileSync(script, 'utf8');
  const mutated = join(work, 'mutated.sh');
  writeFileSync(mutated, text.replace('"$wanted" == "$found"', 'true'));
  expect(readFileSync(mutated, 'utf8')).not.toBe(text);
  expect(existsSync(join(download({ forged: ['forged'] }, mutated).out, 'forged'))).toBe(true);
});
