import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Artifact, PrepareEvent } from '../../artifacts/artifact';
import { make } from '../../artifacts/engine';

const repository = resolve(__dirname, '../..');
let root: string;
let cacheDir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'offline-'));
  cacheDir = join(root, 'cache');
  mkdirSync(join(root, 'artifacts'));
  symlinkSync(join(repository, 'artifacts/build'), join(root, 'artifacts/build'));
  writeFileSync(
    join(root, 'copy.sh'),
    'cat "$(jq -r .root <<<"$INPUT")"/input-"$(jq -r .settings <<<"$INPUT")" >"$(jq -r .out <<<"$INPUT")/result"\n',
  );
  writeFileSync(join(root, 'fail.sh'), 'seq 1 30\necho "no such thing" >&2\nexit 3\n');
  for (const name of ['a', 'b', 'c']) writeFileSync(join(root, `input-${name}`), name);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function fake(id: string, needs: readonly string[] = [], script = 'copy.sh'): Artifact {
  return {
    id,
    summary: `fake ${id}`,
    script,
    inputs: [`input-${id}`],
    needs,
    settings: id,
    estimateSeconds: 1,
    remedy: `look at ${id}`,
  };
}

async function run(artifacts: readonly Artifact[], only?: readonly string[]): Promise<{ events: PrepareEvent[]; error?: Error }> {
  const events: PrepareEvent[] = [];
  try {
    await make({ root, cacheDir, artifacts, only, onEvent: (event) => events.push(event) });
    return { events };
  } catch (error) {
    return { events, error: error as Error };
  }
}

const named = (events: readonly PrepareEvent[], type: PrepareEvent['type']): string[] =>
  events.filter((e) => e.type === type).map((e) => e.id);
const chain = [fake('a'), fake('b', ['a']), fake('c')];

describe('the preparation engine', () => {
  it('makes everything once and finds it again by content', async () => {
    const first = await run(chain);
    expect(named(first.events, 'done').sort()).toEqual(['a', 'b', 'c']);
    const [key] = readdirSync(join(cacheDir, 'artifacts/a'));
    expect(readFileSync(join(cacheDir, 'artifacts/a', key!, 'result'), 'utf8')).toBe('a');

    const second = await run(chain);
    expect(named(second.events, 'cached')).toEqual(['a', 'b', 'c']);
    expect(named(second.events, 'start')).toEqual([]);
  });

  it('makes only the changed one and what needs it again, and finds the old one when the change is taken back', async () => {
    await run(chain);
    writeFileSync(join(root, 'input-a'), 'other');
    expect(named((await run(chain)).events, 'done').sort()).toEqual(['a', 'b']);
    writeFileSync(join(root, 'input-a'), 'a');
    expect(named((await run(chain)).events, 'done')).toEqual([]);
  });

  it('counts a changed script as a change', async () => {
    await run(chain);
    writeFileSync(join(root, 'copy.sh'), `${readFileSync(join(root, 'copy.sh'), 'utf8')}true\n`);
    expect(named((await run(chain)).events, 'done').sort()).toEqual(['a', 'b', 'c']);
  });

  it('makes only what was asked for and what that needs', async () => {
    expect(named((await run(chain, ['b'])).events, 'done')).toEqual(['a', 'b']);
  });

  it('refuses an unknown id and a circle by name', async () => {
    expect((await run(chain, ['d'])).error?.message).toBe('there is no offline artifact "d": use one of a, b, c');
    expect((await run([fake('a', ['b']), fake('b', ['a'])])).error?.message).toContain('a -> b -> a need one another in a circle');
  });

  it('stops only what needs a failed one, and says why with the log and a remedy', async () => {
    const { events, error } = await run([fake('a', [], 'fail.sh'), fake('b', ['a']), fake('c')]);
    expect(named(events, 'failed')).toEqual(['a']);
    expect(named(events, 'done')).toEqual(['c']);
    expect(error?.message).toContain('a (fake a) could not be made: its script ended with 3');
    expect(error?.message).toContain('  | no such thing');
    expect(error?.message).not.toContain('  | 11\n');
    expect(error?.message).toContain('Remedy: look at a; then run the same command again');
    expect(error?.message).toContain(join(cacheDir, 'logs/a.log'));
    expect(error?.message).toContain('Not begun, because they need it: b');
  });

  it('keeps nothing under the wrong key when an input is edited meanwhile', async () => {
    writeFileSync(join(root, 'edit.sh'), 'echo edited >"$(jq -r .root <<<"$INPUT")/input-a"\n');
    const { error } = await run([fake('a', [], 'edit.sh')]);
    expect(error?.message).toContain('was edited while it was being made');
    expect(readdirSync(join(cacheDir, 'artifacts/a')).filter((name) => !name.startsWith('.making-'))).toEqual([]);
  });

  it('drops what no run has used for two weeks, but never what machines stand on', async () => {
    const artifacts = [fake('a'), { ...fake('b'), usedInPlace: true }];
    const twentyDaysAgo = new Date(Date.now() - 20 * 24 * 3600 * 1000);
    for (const id of ['a', 'b']) {
      mkdirSync(join(cacheDir, 'artifacts', id, 'old'), { recursive: true });
      utimesSync(join(cacheDir, 'artifacts', id, 'old'), twentyDaysAgo, twentyDaysAgo);
    }
    await run(artifacts);
    expect(existsSync(join(cacheDir, 'artifacts/a/old'))).toBe(false);
    expect(existsSync(join(cacheDir, 'artifacts/b/old'))).toBe(true);
  });

  it('makes a second run wait for the first', async () => {
    writeFileSync(join(root, 'copy.sh'), `sleep 0.5\n${readFileSync(join(root, 'copy.sh'), 'utf8')}`);
    const [first, second] = await Promise.all([run(chain), run(chain)]);
    const waited = [first, second].find(({ events }) => named(events, 'waiting').length > 0);
    expect(waited?.error).toBeUndefined();
    expect(named(waited!.events, 'cached')).toEqual(['a', 'b', 'c']);
  });
});

describe('a killed preparation', () => {
  let starter: ChildProcess | undefined;
  afterEach(() => starter?.kill('SIGKILL'));

  it('takes its scripts down, leaves nothing that looks finished, and the next run resumes', async () => {
    writeFileSync(
      join(root, 'slow.sh'),
      'out=$(jq -r .out <<<"$INPUT")\necho half >"$out/result"\nsleep 30 &\necho $! >"$(jq -r .root <<<"$INPUT")/pid"\nwait\n',
    );
    const artifacts = [fake('a'), fake('b', ['a'], 'slow.sh')];
    const program = join(root, 'starter.cjs');
    writeFileSync(program, starterProgram(artifacts));
    starter = spawn(process.execPath, [program], { cwd: repository, stdio: 'inherit' });
    const pid = await waitFor(() => (existsSync(join(root, 'pid')) ? readFileSync(join(root, 'pid'), 'utf8').trim() : undefined));
    starter.kill('SIGKILL');
    await waitFor(() => (existsSync(`/proc/${pid}`) ? undefined : 'gone'));
    expect(readdirSync(join(cacheDir, 'artifacts/b')).filter((name) => !name.startsWith('.making-'))).toEqual([]);

    writeFileSync(join(root, 'slow.sh'), readFileSync(join(root, 'copy.sh'), 'utf8'));
    const { events, error } = await run(artifacts);
    expect(error).toBeUndefined();
    expect(named(events, 'cached')).toEqual(['a']);
    expect(named(events, 'done')).toEqual(['b']);
    expect(readdirSync(join(cacheDir, 'artifacts/b'))).toHaveLength(1);
  });
});

function starterProgram(artifacts: readonly Artifact[]): string {
  const options = JSON.stringify({ root, cacheDir, artifacts });
  const register =
    "require('esbuild').buildSync({ entryPoints: ['artifacts/engine.ts'], bundle: true, platform: 'node', outfile: process.argv[1] + '.engine.cjs' });";
  return `process.chdir(${JSON.stringify(repository)});\nmodule.paths.unshift(${JSON.stringify(join(repository, 'node_modules'))});\n${register}\nrequire(process.argv[1] + '.engine.cjs').make({ ...${options}, onEvent() {} });\n`;
}

async function waitFor<T>(look: () => T | undefined): Promise<T> {
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    const seen = look();
    if (seen !== undefined && seen !== '') return seen;
    await new Promise((resolveSoon) => setTimeout(resolveSoon, 50));
  }
  throw new Error('what the test waits for did not come within 20 s');
}
