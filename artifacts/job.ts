import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { Artifact } from './artifact';

export interface JobPlace {
  readonly root: string;
  readonly cacheDir: string;
  /** Where the result must appear, all at once. */
  readonly folder: string;
  /** Output folders of what the artifact needs, by id. */
  readonly needs: Readonly<Record<string, string>>;
  /** False when an input was edited since the key was taken: the result would lie under the wrong key. */
  readonly isCurrent: () => boolean;
}

export const temporaryPrefix = '.making-';

export function logFile(cacheDir: string, id: string): string {
  return join(cacheDir, 'logs', `${id}.log`);
}

/** Runs one artifact's script into a folder beside `folder` and renames it when all is well. Throws with the end of the log. */
export async function runJob(artifact: Artifact, place: JobPlace): Promise<void> {
  const log = logFile(place.cacheDir, artifact.id);
  const parent = dirname(place.folder);
  const out = join(parent, temporaryPrefix + place.folder.slice(parent.length + 1));
  removeTree(out);
  mkdirSync(out, { recursive: true });
  mkdirSync(dirname(log), { recursive: true });
  const input = {
    out,
    root: place.root,
    cache: place.cacheDir,
    // Two jobs share the machine; a Go build also compiles on several threads inside each package.
    cpus: Math.max(2, Math.ceil(availableParallelism() / 2)),
    needs: place.needs,
    settings: artifact.settings ?? null,
  };
  const code = await runScript(place.root, join(place.root, artifact.script), JSON.stringify(input), log);
  if (code !== 0) throw new Error(failureText(artifact, code, log));
  await flush(out);
  if (!place.isCurrent()) {
    throw new Error(
      `${artifact.id} (${artifact.summary}): a file that it is made from was edited while it was being made. Remedy: run the same command again`,
    );
  }
  renameSync(out, place.folder);
}

/** Removes a folder that a script made. */
export function removeTree(folder: string): void {
  // Not fs.rmSync: a killed image build may leave /proc mounted below, and that must not be walked into.
  // macOS' rm has no such option, and nothing is mounted there.
  const options = process.platform === 'linux' ? ['--one-file-system'] : [];
  const { status, stderr } = spawnSync('rm', ['-rf', ...options, '--', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${folder} could not be removed (${stderr.trim()}): unmount what is below it, then remove it`);
}

/** Else a power cut could leave a folder under its final name, thus taken for whole, with empty files in it. */
function flush(folder: string): Promise<void> {
  const remedy = 'look for faults of the disk (dmesg) and at its free space (df), then run the same command again';
  return new Promise((resolve, reject) => {
    const child = spawn('sync', process.platform === 'linux' ? ['-f', folder] : [], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${folder} could not be written to the disk (${said.trim()}): ${remedy}`)),
    );
  });
}

function runScript(root: string, script: string, input: string, log: string): Promise<number> {
  const output = openSync(log, 'w');
  return new Promise((resolve, reject) => {
    // The pipe on stdin is the dead man's handle: when we die the kernel closes it, and supervise.sh ends the whole group.
    const child = spawn('bash', [join(root, 'artifacts/build/supervise.sh'), script], {
      cwd: root,
      detached: true,
      stdio: ['pipe', output, output],
      env: { ...process.env, INPUT: input },
    });
    closeSync(output);
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function failureText(artifact: Artifact, code: number, log: string): string {
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20);
  return [
    `${artifact.id} (${artifact.summary}) could not be made: its script ended with ${code}. The end of its log:`,
    ...tail.map((line) => `  | ${line}`),
    `Remedy: ${artifact.remedy}; then run the same command again, what is finished is kept.`,
    `The whole log: ${log}`,
  ].join('\n');
}
