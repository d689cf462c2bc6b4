import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterSteps } from '../../runner/selftest/cluster-steps';
import { writeEvidence } from '../../runner/selftest/evidence';
import { macSteps } from '../../runner/selftest/mac-steps';
import { runProgram } from '../../runner/selftest/programs';
import { runSteps } from '../../runner/selftest/run-steps';
import type { Command, Context, Result, Step } from '../../runner/selftest/step';

const steps = [...macSteps, ...clusterSteps];
const [one, two] = ['throw-away-1', 'throw-away-2'] as const;

type Answer = Partial<Command> | string | undefined;
const command = (line: string, answer: Answer): Command => ({
  line,
  code: 0,
  stderr: '',
  seconds: 0.1,
  stdout: '',
  ...(typeof answer === 'string' ? { stdout: answer } : answer),
});

/** A Mac as the self-test hopes for, told by the beginnings of command lines; `broken` changes answers. */
function mac(broken: Readonly<Record<string, Answer>> = {}): { context: Context; calls: string[] } {
  const calls: string[] = [];
  const made = new Set<string>();
  const answers: Readonly<Record<string, Answer>> = {
    'uname -m': 'arm64\n',
    which: '/opt/softnet\n',
    realpath: '/opt/softnet\n',
    stat: 'root -r-sr-xr-x\n',
    [`tart ip ${one}`]: '192.168.64.2\n',
    [`tart ip ${two}`]: '192.168.64.3\n',
    [`tart exec ${one} sudo`]: 'root\n',
    'doctor --json': '[]',
    ...broken,
  };
  const answer = (line: string): Command => {
    calls.push(line);
    const key = [...Object.keys(broken), ...Object.keys(answers)].find((start) => line.startsWith(start));
    if (key !== undefined) return command(line, answers[key]);
    const name = [one, two].find((machine) => line.includes(machine));
    if (line.startsWith('tart get'))
      return command(line, made.has(name!) ? JSON.stringify({ CPU: 2, Memory: 2048, State: 'running' }) : { code: 2 });
    if (line.startsWith('tart clone')) made.add(name!);
    if (line.startsWith('tart delete')) made.delete(name!);
    if (line.startsWith('tart list --format')) return command(line, JSON.stringify([...made].map((Name) => ({ Name, State: 'running' }))));
    if (line.startsWith('tart list --quiet')) return command(line, [...made].join('\n'));
    return command(line, 'version 1\n');
  };
  const context: Context = {
    run: async (program, args) => answer([program, ...args].join(' ')),
    start: (program, args) => void calls.push(`& ${[program, ...args].join(' ')}`),
    flotilla: async (verb, args) => answer([verb, ...args].join(' ')),
    machines: [one, two],
    facts: new Map(),
  };
  return { context, calls };
}

const run = (context: Context, platform: NodeJS.Platform = 'darwin', interrupted = () => false, these: readonly Step[] = steps) =>
  runSteps({ steps: these, context, platform, interrupted, onResult: () => {} });
const verdicts = (results: readonly Result[]) => Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]));
const allOf = (list: readonly Step[], verdict: string) => Object.fromEntries(list.map(({ id }) => [id, verdict]));

test('a Mac as it should be: every step is ok', async () => {
  expect(verdicts(await run(mac().context))).toEqual(allOf(steps, 'ok'));
});

test('on Linux the cluster is tried, and what only a Mac shows is marked so', async () => {
  const { context, calls } = mac();
  expect(verdicts(await run(context, 'linux'))).toEqual({ ...allOf(macSteps, 'not on this host'), ...allOf(clusterSteps, 'ok') });
  expect(calls.filter((call) => /tart/.test(call))).toEqual([]);
});

const breakages: [what: string, broken: Record<string, Answer>, failing: string, says: RegExp][] = [
  ['no tart', { 'tart --version': { code: 127 } }, 'programs', /missing: tart/],
  ['softnet without its rights', { stat: 'admin -rwxr-xr-x\n' }, 'softnet', /admin/],
  ['an image that cannot be pulled', { 'tart pull': { code: 1, stderr: 'denied\n' } }, 'image', /exit code 1: denied/],
  ['a machine of ours by name, not by us', { [`tart get ${one}`]: '{}' }, 'first-machine', /already/],
  [
    'machines that do not see each other',
    { [`tart exec ${one} nc`]: { code: 1, stderr: 'timed out\n' } },
    'machine-to-machine',
    /timed out/,
  ],
  ['an answer that is no JSON', { 'tart list --format': 'oops' }, 'inventory', /the step itself broke/],
  [
    'a host that is not fit',
    { 'doctor --json': '[{"check":"disk","verdict":"fault","found":"full","remedy":"free it"}]' },
    'host-is-fit',
    /disk: full/,
  ],
  ['an up that fails', { up: { code: 1, stderr: 'no\nboom\n' } }, 'cluster-up', /exit code 1: boom/],
  ['an up that is never done', { diff: { code: 3 } }, 'cluster-stays', /there are changes/],
];

test.each(breakages)('%s is seen, and what was made is taken down', async (_what, broken, failing, says) => {
  const { context, calls } = mac(broken);
  const results = await run(context);
  const failed = results.filter(({ verdict }) => verdict === 'failed');
  expect(failed.map(({ id }) => id)).toEqual([failing]);
  expect(failed[0]!.found).toMatch(says);
  expect(failed[0]!.remedy).not.toBe('');
  for (const { verdict, found } of results) if (verdict === 'skipped') expect(found).toContain('cannot tell without');
  expect(verdicts(results)['machines-gone']).toBe('ok');
  expect(calls).toContain('destroy --yes');
  // What was not made here is not taken down here.
  for (const name of [one, two])
    expect(calls.some((call) => call === `tart delete ${name}`)).toBe(
      calls.some((call) => call === `tart clone ghcr.io/cirruslabs/ubuntu:24.04 ${name}`),
    );
});

test('after Ctrl-C only what cleans up is run', async () => {
  const results = verdicts(await run(mac().context, 'darwin', () => true));
  expect(Object.keys(results).filter((id) => results[id] === 'ok')).toEqual(['machines-gone', 'cluster-gone']);
});

test('the evidence is there after every step, with what a failed one saw, and names nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-evidence-'));
  const { context } = mac({ 'tart pull': { code: 1, stderr: `cannot write ${homedir()}/x | y\n` } });
  const seen: number[] = [];
  const evidence = { flotilla: '0', began: 'now', platform: 'a Mac' };
  await runSteps({
    steps,
    context,
    platform: 'darwin',
    interrupted: () => false,
    onResult: (results) => {
      writeEvidence(folder, 'it', { ...evidence, results });
      seen.push(JSON.parse(readFileSync(join(folder, 'it.json'), 'utf8')).results.length);
    },
  });
  expect(seen).toEqual(steps.map((_, index) => index + 1));
  const text = readFileSync(join(folder, 'it.md'), 'utf8');
  expect(text).toContain('| ✗ failed | image |');
  expect(text).toContain('cannot write ~/x \\| y');
  expect(text).toContain('$ tart pull');
  expect(text).not.toContain(homedir());
  expect(existsSync(join(folder, 'it.json.half'))).toBe(false);
  rmSync(folder, { recursive: true });
});

test('a program that is not there, or does not end, is a value', async () => {
  expect(await runProgram('no-such-program', [])).toMatchObject({ code: 127 });
  expect(await runProgram('sleep', ['30'], 0.1)).toMatchObject({ code: 124, line: 'sleep 30' });
});
