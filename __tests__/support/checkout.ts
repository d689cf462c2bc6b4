import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { artifacts } from '../../artifacts/artifacts';
import { artifactFolder } from '../../artifacts/engine';
import { artifactKeys } from '../../artifacts/keys';
import { defaultCacheDir } from '../../artifacts/prepare';

export const repository = resolve(__dirname, '../..');
export const fakes = join(repository, '__tests__', 'fakes');

/** A copy of what the program reads at run time, with the programs bundled into it, so that scripts can be edited without touching ours. */
export function makeCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'flotilla-checkout-'));
  for (const part of ['package.json', 'scripts', 'charts', 'values', 'fleets', 'components/files'])
    cpSync(join(repository, part), join(root, part), { recursive: true });
  cpSync(join(fakes, 'provider'), join(root, 'provider'), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const options = [
    '--bundle',
    '--packages=external',
    '--platform=node',
    '--target=node20',
    '--log-level=error',
    '--out-extension:.js=.cjs',
  ];
  const entries = [`synth=${join(repository, 'main.ts')}`, `runner=${join(fakes, 'runner.ts')}`];
  execFileSync(join(repository, 'node_modules/.bin/esbuild'), [...entries, ...options, `--outdir=${root}`], { stdio: 'inherit' });
  return root;
}

/** Every file below a folder, by its path. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );

/** Terraform's mirror with the stand-in null provider alone, laid out by the script that lays out the whole one. Kept by the provider's key. */
export function nullMirror(): string {
  const id = 'provider-null';
  const key = artifactKeys(repository, artifacts).get(id)!;
  const built = artifactFolder(defaultCacheDir(), id, key);
  if (!existsSync(built))
    throw new Error(`${built} does not exist: the stand-in null provider has to be built first, "npm test" does that`);
  const mirror = join(repository, 'node_modules', '.cache', 'flotilla', `null-mirror-${key}`);
  if (existsSync(mirror)) return mirror;
  const out = `${mirror}.${process.pid}`;
  mkdirSync(out, { recursive: true });
  const settings = { providers: [{ type: 'null', version: '3.2.4', artifact: id }], standIns: ['null'] };
  const INPUT = JSON.stringify({ out, needs: { [id]: copyBeside(built, out) }, settings });
  const { status, stderr } = spawnSync('bash', [join(repository, 'artifacts/build/provider-mirror.sh')], {
    env: { ...process.env, INPUT },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`provider-mirror.sh: ${stderr}`);
  if (existsSync(mirror)) rmSync(out, { recursive: true });
  else renameSync(out, mirror);
  return mirror;
}

// The script makes hard links, which cannot cross from the cache to another file system.
function copyBeside(built: string, out: string): string {
  const copy = join(out, 'built');
  cpSync(built, copy, { recursive: true });
  return copy;
}

/** Appends a comment to every script of a checkout: what an edit is to a hash. */
export function editEveryScript(root: string): void {
  for (const file of [...filesBelow(join(root, 'scripts')), ...filesBelow(join(root, 'provider'))])
    writeFileSync(file, `${readFileSync(file, 'utf8')}# edited\n`);
}

/** Whoever does not wait for the marker is seen to be too early. */
export function slowTeardown(root: string): void {
  const file = join(root, 'scripts/host/teardown.sh');
  writeFileSync(file, readFileSync(file, 'utf8').replace('main() {', 'main() {\n  sleep 0.5'));
}
